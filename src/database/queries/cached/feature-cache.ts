import { LRUCache } from 'lru-cache';
import type { Feature } from '../../../model/feature.ts';
import type { LocatedFeature } from '../../../model/layer.ts';
import type { Queries } from '../../engines/engine.ts';
import { createTurns } from '../../../threads/turns.ts';
import { FEATURE_COLUMNS, featureOfRow, type FeatureRow } from '../layers/feature-rows.ts';
import { identityText, type LocatedRow } from './installed-rows.ts';

/** Features by identity. An entry never becomes stale, because the identity is a hash of the whole feature. */
export type FeatureCache = LRUCache<string, CachedFeature>;

/** A feature in its namespace; shared by all readers, and therefore frozen. */
type CachedFeature = Pick<LocatedFeature, 'feature' | 'namespace' | 'judgedBy'>;

/** Creates an empty cache. @param maxBytes the maximum of the estimated size */
export function createFeatureCache(maxBytes: number): FeatureCache {
  return new LRUCache({ maxSize: maxBytes });
}

/** The number of features between two reads of the clock, which takes as long as a feature. */
const FEATURES_PER_CHECK = 500;

/**
 * Returns the features of rows, in the order of the rows. Reads features that are not in the cache.
 *
 * @returns undefined if a feature was removed in the meantime
 */
export async function cachedFeatures(
  read: Queries,
  cache: FeatureCache,
  rows: readonly LocatedRow[],
): Promise<readonly LocatedFeature[] | undefined> {
  const turns = createTurns();
  const known = rows.map(({ identity }) => cache.get(identity));
  const missing = rows.filter((_, at) => known[at] === undefined);
  const added = missing.length === 0 ? NOTHING : await readFeatures(read, cache, missing);
  const features: LocatedFeature[] = [];
  for (const [at, { identity, path, originDepth }] of rows.entries()) {
    const found = known[at] ?? added.get(identity);
    if (found === undefined) return undefined;
    const { feature, namespace, judgedBy } = found;
    features.push(
      judgedBy === undefined
        ? { feature, namespace, path, originDepth }
        : { feature, namespace, judgedBy, path, originDepth },
    );
    if (at % FEATURES_PER_CHECK === 0 && turns.areDue()) await turns.take();
  }
  return features;
}

const NOTHING: ReadonlyMap<string, CachedFeature> = new Map();

async function readFeatures(
  read: Queries,
  cache: FeatureCache,
  missing: readonly LocatedRow[],
): Promise<ReadonlyMap<string, CachedFeature>> {
  const ids = new Set(missing.map(({ id }) => id));
  const rows = await read.all<StoredFeature>(SELECT_FEATURES, [JSON.stringify([...ids])]);
  const turns = createTurns();
  const added = new Map<string, CachedFeature>();
  for (const { namespace, judged_by: judgedBy, identity, ...row } of rows) {
    const feature: Feature = Object.freeze(featureOfRow(row));
    const isJudged = judgedBy !== '';
    const key = identityText(identity);
    const value = Object.freeze(isJudged ? { feature, namespace, judgedBy } : { feature, namespace });
    added.set(key, value);
    cache.set(key, value, { size: FEATURE_BYTES + row.name.length + row.version.length + 3 * row.details.length });
    if (turns.areDue()) await turns.take();
  }
  return added;
}

/** The approximate size of a feature without details. */
const FEATURE_BYTES = 600;

type StoredFeature = FeatureRow & {
  readonly identity: Buffer;
  readonly namespace: string;
  readonly judged_by: string;
};

/** Parameter: the ids as a JSON list. */
const SELECT_FEATURES = `
SELECT ${FEATURE_COLUMNS}, feature.identity, feature.judged_by, namespace.name AS namespace
FROM json_each(?) AS wanted
  CROSS JOIN feature
  CROSS JOIN line
  CROSS JOIN namespace
WHERE feature.id = CAST(wanted.value AS BIGINT) AND line.id = feature.line AND namespace.id = line.namespace`;
