import { LRUCache } from 'lru-cache';
import type { LocatedFeature } from '../../../model/layer.ts';
import { featureOfRow, type FeatureRow } from '../layers/feature-rows.ts';

/** Features by identity. An entry never becomes stale, because the identity is a hash of the whole feature. */
export type FeatureCache = LRUCache<string, PlainFeature>;

/** A feature in its namespace; shared by all readers, and therefore frozen. */
export type PlainFeature = Pick<LocatedFeature, 'feature' | 'namespace' | 'judgedBy'>;

/** The columns of a feature in its namespace. */
export type PlainFeatureRow = FeatureRow & { readonly namespace: string; readonly judgedBy: string };

/** Creates an empty cache. @param maxBytes the maximum of the estimated size */
export function createFeatureCache(maxBytes: number): FeatureCache {
  return new LRUCache({ maxSize: maxBytes });
}

/** Returns the feature of a row. Equal features of all layers share one object, because parsing a row takes longer. */
export function sharedFeature(cache: FeatureCache, identity: string, row: PlainFeatureRow): PlainFeature {
  const known = cache.get(identity);
  if (known !== undefined) return known;
  const { namespace, judgedBy, ...columns } = row;
  const feature = Object.freeze(featureOfRow(columns));
  const made = Object.freeze(judgedBy === '' ? { feature, namespace } : { feature, namespace, judgedBy });
  cache.set(identity, made, { size: FEATURE_BYTES + row.name.length + row.version.length + 3 * row.details.length });
  return made;
}

/** Returns a feature at a path; frozen, because all readers share the features of cached layers. */
export function locatedAt(
  { feature, namespace, judgedBy }: PlainFeature,
  path: string,
  originDepth: number,
): LocatedFeature {
  return Object.freeze(
    judgedBy === undefined
      ? { feature, namespace, path, originDepth }
      : { feature, namespace, judgedBy, path, originDepth },
  );
}

/** The approximate size of a feature without details. */
const FEATURE_BYTES = 600;
