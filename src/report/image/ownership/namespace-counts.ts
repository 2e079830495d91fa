import { featuresOnce } from '../../../model/features-once.ts';
import type { LocatedFeature } from '../../../model/layer.ts';

/**
 * The features of a layer, and the namespaces whose advisories replace library advisories for files of distribution
 * packages (`FeedStore.judges`).
 */
export type KnownFeatures = {
  readonly installed: readonly LocatedFeature[];
  readonly judges: ReadonlySet<string>;
};

/** Counts features by namespace, as `LayerStore.namespaces` does, but without another query. */
export function namespacesOf({ installed, judges }: KnownFeatures): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  // A package manager installs a feature only once, but files of the same feature can be at several paths. Finding
  // equal features is slow, so `featuresOnce` runs only if features have paths.
  const features = installed.some(({ path }) => path !== '') ? featuresOnce(installed) : installed;
  for (const { namespace, judgedBy } of features) {
    if (judgedBy === undefined || !judges.has(judgedBy)) counts.set(namespace, (counts.get(namespace) ?? 0) + 1);
  }
  return counts;
}
