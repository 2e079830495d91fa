import type { Enrichments } from '../../../model/enrichment.ts';
import type { FeedState } from '../../../model/feed.ts';
import type { Layer, LocatedFeature } from '../../../model/layer.ts';
import type { Verdicts } from '../../../model/report/match.ts';
import type { Queries } from '../../engines/engine.ts';
import { layerOfRow, layersOfChain } from '../layers/stored-layers.ts';
import type { NamedLayer } from './chain-rows.ts';
import { cachedCovering, cachedEnrichments, createEnrichmentCache, type EnrichmentCache } from './enrichment-cache.ts';
import { cachedFeeds, createFeedCache, type FeedCache } from './feed-cache.ts';
import { createFeatureCache, type FeatureCache } from './feature-cache.ts';
import { readUnsortedRows } from './installed-rows.ts';
import {
  createLayerCache,
  findLocatedRows,
  type LayerCache,
  type LocatedInstalled,
  readLocatedRows,
} from './layer-cache.ts';
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
  /** Only for PostgreSQL, where a round trip takes several times as long as these reads take on SQLite. */
  readonly enrichments: EnrichmentCache;
  /** Only for PostgreSQL. */
  readonly feeds: FeedCache;
};

/** The maximum estimated size of each of the caches, in bytes; each thread of an instance has its own caches. */
const MAX_BYTES = 16 * 1024 * 1024;

/** Creates empty caches. @param maxBytes the maximum estimated size of each of the caches */
export function createReportCaches(maxBytes: number = MAX_BYTES): ReportCaches {
  return {
    features: createFeatureCache(maxBytes),
    matches: createMatchCache(maxBytes),
    layers: createLayerCache(maxBytes),
    enrichments: createEnrichmentCache(maxBytes),
    feeds: createFeedCache(),
  };
}

/** Reads the features of layers and their matches with the caches. */
export type CachedReads = {
  /**
   * Returns the features installed at a layer with their ids, once for each path. Absent on SQLite, where this cache
   * would save less time than it takes.
   */
  readonly features?: (
    layer: number,
  ) => Promise<{ readonly features: readonly LocatedFeature[]; readonly ids: readonly number[] }>;
  /**
   * Finds a layer by its name, and reads its features in the same statement. Returns undefined if no layer has this name
   * and a version in the range. Only for the reads of one report.
   */
  readonly find?: (layer: NamedLayer) => Promise<Layer | undefined>;
  /**
   * Returns a layer and the layers below, base first. Returns undefined if the report has not begun to read the features
   * of the layer, whose statement returns these layers too.
   */
  readonly chain?: (layer: number) => Promise<readonly Layer[]> | undefined;
  /**
   * Returns the enrichments of CVEs. Returns undefined if the report has not begun to read the features of a layer, or
   * if the enrichments have changed since then.
   */
  readonly enrichments?: (cves: readonly string[]) => Promise<ReadonlyMap<string, Enrichments> | undefined>;
  /** Returns the names of the feeds that cover a namespace, in order, or undefined as `enrichments` does. */
  readonly covering?: (namespace: string) => Promise<readonly string[] | undefined>;
  /** Returns the states of all feeds, by name. Returns undefined if the report has not begun to read the features. */
  readonly feeds?: () => Promise<readonly FeedState[] | undefined>;
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
  { features, matches, layers, enrichments, feeds }: ReportCaches,
  { isWaiting, isOnce = false }: { readonly isWaiting: boolean; readonly isOnce?: boolean },
): CachedReads {
  const known = new Map<number, Promise<LocatedInstalled>>();
  function installedAt(layer: number): Promise<LocatedInstalled> {
    const before = known.get(layer);
    if (before !== undefined) return before;
    const installed = readLocatedRows(read, layers, features, layer);
    if (isOnce) known.set(layer, installed);
    return installed;
  }
  /** Returns the first read of the report, whose state is the state of the report. */
  async function firstRead(): Promise<LocatedInstalled | undefined> {
    const [first] = known.values();
    return await first;
  }
  if (!isWaiting) {
    return {
      verdicts: async (layer, ended) => await cachedVerdicts(read, matches, await readUnsortedRows(read, layer), ended),
    };
  }
  async function find(layer: NamedLayer): Promise<Layer | undefined> {
    const installed = await findLocatedRows(read, layers, features, layer);
    const leaf = installed?.layers.at(-1);
    if (installed === undefined || leaf === undefined) return undefined;
    known.set(leaf.id, Promise.resolve(installed));
    return layerOfRow(leaf);
  }
  return {
    ...(isOnce && { find }),
    async features(layer) {
      const { rows } = await installedAt(layer);
      return { features: rows.map(({ located }) => located), ids: rows.map(({ id }) => id) };
    },
    chain: (layer) => known.get(layer)?.then((installed) => layersOfChain(installed.layers)),
    async enrichments(cves) {
      const first = await firstRead();
      return first && (await cachedEnrichments(read, enrichments, first.enrichmentState, cves));
    },
    async covering(namespace) {
      const first = await firstRead();
      return first && (await cachedCovering(read, enrichments, first.enrichmentState, namespace));
    },
    async feeds() {
      const first = await firstRead();
      return first && (await cachedFeeds(read, feeds, first.feedsState));
    },
    async verdicts(layer, ended) {
      return await cachedVerdicts(read, matches, await installedAt(layer), ended);
    },
  };
}
