import type { Store } from '../../database/contracts/store.ts';
import { featuresOnce } from '../../model/features-once.ts';
import type { Layer, LocatedFeature } from '../../model/layer.ts';
import type { Report } from '../../model/report/report.ts';
import { textOrder } from '../../model/text-order.ts';

/** The features of a layer, and the namespaces that judge the files of their packages (`FeedStore.judges`). */
export type KnownFeatures = {
  readonly installed: readonly LocatedFeature[];
  readonly judges: ReadonlySet<string>;
};

/**
 * Returns the feeds that cover each namespace of a layer: the namespace of its release and the namespaces of its
 * packages.
 *
 * @param known the features of the layer; counted by the database when absent
 */
export async function layerCoverage(
  { layers, feeds: stored }: Pick<Store, 'layers' | 'feeds'>,
  { id, distribution }: Pick<Layer, 'id' | 'distribution'>,
  known?: KnownFeatures,
): Promise<Report['coverage']> {
  const packages = new Map(distribution === null ? [] : [[distribution.namespace, 0]]);
  const counts = known === undefined ? await layers.namespaces(id) : namespacesOf(known);
  for (const [namespace, count] of counts) packages.set(namespace, count);
  const coverage: Report['coverage'][number][] = [];
  for (const [namespace, count] of [...packages].toSorted(([one], [other]) => textOrder(one, other))) {
    const feeds = namespace === '' ? [] : await stored.covering(namespace);
    coverage.push({ namespace: namespace === '' ? null : namespace, packages: count, feeds });
  }
  return coverage;
}

/** Counts features by namespace as `LayerStore.namespaces` does, without another query. */
export function namespacesOf({ installed, judges }: KnownFeatures): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  // A package manager installs a feature once; files of one feature may be at several paths. Comparing takes long.
  const features = installed.some(({ path }) => path !== '') ? featuresOnce(installed) : installed;
  for (const { namespace, judgedBy } of features) {
    if (judgedBy === undefined || !judges.has(judgedBy)) counts.set(namespace, (counts.get(namespace) ?? 0) + 1);
  }
  return counts;
}

/** Returns the names of the feeds that cover a namespace of an image. */
export function usedFeeds(coverage: Report['coverage']): ReadonlySet<string> {
  return new Set(coverage.flatMap(({ feeds }) => feeds));
}
