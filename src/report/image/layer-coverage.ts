import type { Store } from '../../database/contracts/store.ts';
import type { Layer } from '../../model/layer.ts';
import type { Report } from '../../model/report/report.ts';
import { textOrder } from '../../model/text-order.ts';
import { type KnownFeatures, namespacesOf } from './ownership/namespace-counts.ts';

/**
 * Returns the feeds that cover each namespace of a layer. The release and the packages of the layer determine the
 * namespaces.
 *
 * @param known the features of the layer; when absent, the database counts the features
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

/** Returns the names of the feeds that cover a namespace of an image. */
export function usedFeeds(coverage: Report['coverage']): ReadonlySet<string> {
  return new Set(coverage.flatMap(({ feeds }) => feeds));
}
