import { orderedAdvisories } from '../queries/vulnerabilities/advisory-order.ts';
import type { FeedUpdate } from '../contracts/vulnerabilities.ts';
import type { Store } from '../contracts/store.ts';
import type { Advisory } from '../../model/advisories/advisory.ts';
import type { Layer } from '../../model/layer.ts';
import { type SystemPackage } from '../../model/feature.ts';
import { newLayer } from './stores.ts';

/** Stores a layer of Debian 12 that adds packages to its parent. */
export async function knowLayer(
  store: Pick<Store, 'layers'>,
  name: string,
  packages: readonly SystemPackage[],
  parent: Layer | null = null,
): Promise<Layer> {
  const originDepth = parent === null ? 0 : parent.depth + 1;
  const changes = packages.map((of) => ({
    feature: of,
    path: '',
    namespace: 'debian:12',
    originDepth,
    change: 1 as const,
  }));
  return await store.layers.insert(newLayer(name, parent, changes));
}

/** Updates the feed `debian` to exactly these advisories, with the changes in `other`. */
export async function publish(
  store: Pick<Store, 'vulnerabilities'>,
  advisories: readonly Advisory[],
  at = 1000,
  other: Partial<FeedUpdate> = {},
): Promise<void> {
  await store.vulnerabilities.update({
    feed: 'debian',
    scheme: 'dpkg',
    fetcherVersion: 1,
    advisories: orderedAdvisories(advisories),
    etag: null,
    lastModified: null,
    recordDiagnostics: { count: 0, examples: [] },
    at,
    ...other,
  });
}
