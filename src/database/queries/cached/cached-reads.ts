import type { LocatedFeature } from '../../../model/layer.ts';
import type { Verdicts } from '../../../model/report/match.ts';
import type { Queries } from '../../engines/engine.ts';
import { cachedFeatures, createFeatureCache, type FeatureCache } from './feature-cache.ts';
import { type Installed, type LocatedRow, readUnsortedRows } from './installed-rows.ts';
import { createLayerCache, type LayerCache, readLocatedRows } from './layer-cache.ts';
import { cachedVerdicts, createMatchCache, type MatchCache } from './match-cache.ts';

/**
 * The caches of a store. Images share most of their packages, so most reports find the texts and the matches of their
 * packages in the caches. Each query of a report reads the state of the data of feeds, so the caches of any number of
 * instances return what the database would return.
 */
export type ReportCaches = {
  readonly features: FeatureCache;
  readonly matches: MatchCache;
  /** Only for PostgreSQL. */
  readonly layers: LayerCache;
};

/** The maximum estimated size of each of the caches, in bytes; each thread of an instance has its own caches. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Creates empty caches. @param maxBytes the maximum estimated size of each of the caches */
export function createReportCaches(maxBytes: number = MAX_BYTES): ReportCaches {
  return {
    features: createFeatureCache(maxBytes),
    matches: createMatchCache(maxBytes),
    layers: createLayerCache(maxBytes),
  };
}

/** Reads the features of layers and their matches with the caches. */
export type CachedReads = {
  /**
   * Returns the features installed at a layer with their ids, once for each path. Absent on SQLite, where this cache
   * would save less time than it takes.
   *
   * @returns undefined if the layer was removed in the meantime
   */
  readonly features?: (
    layer: number,
  ) => Promise<{ readonly features: readonly LocatedFeature[]; readonly ids: readonly number[] } | undefined>;
  /**
   * Returns the matches, the undecided pairs and the notes of a layer.
   *
   * @param ended the releases past their end of life (`endedReleaseList`)
   * @returns undefined if the data of feeds has changed, or a feature was removed, during the call
   */
  readonly verdicts: (layer: number, ended: string) => Promise<Verdicts | undefined>;
};

/**
 * Creates the reads of a store.
 *
 * @param isWaiting whether the queries wait for a server (PostgreSQL)
 * @param isOnce whether the reads are for one report, which reads the installed features of a layer only once
 */
export function createCachedReads(
  read: Queries,
  { features, matches, layers }: ReportCaches,
  { isWaiting, isOnce = false }: { readonly isWaiting: boolean; readonly isOnce?: boolean },
): CachedReads {
  const known = new Map<number, Promise<Installed<LocatedRow>>>();
  function installedAt(layer: number): Promise<Installed<LocatedRow>> {
    const before = known.get(layer);
    if (before !== undefined) return before;
    const installed = readLocatedRows(read, layers, layer);
    if (isOnce) known.set(layer, installed);
    return installed;
  }
  if (!isWaiting) {
    return {
      verdicts: async (layer, ended) => await cachedVerdicts(read, matches, await readUnsortedRows(read, layer), ended),
    };
  }
  return {
    async features(layer) {
      const { rows } = await installedAt(layer);
      const found = await cachedFeatures(read, features, rows);
      return found && { features: found, ids: rows.map(({ id }) => id) };
    },
    async verdicts(layer, ended) {
      return await cachedVerdicts(read, matches, await installedAt(layer), ended);
    },
  };
}
