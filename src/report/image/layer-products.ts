import type { RepositoryStore } from '../../database/contracts/repositories.ts';
import type { Layer } from '../../model/layer.ts';

/**
 * Returns the products of the repositories of each layer, according to the current data of the feeds, in layer order.
 */
export async function layerProducts(
  repositories: RepositoryStore,
  layers: readonly Pick<Layer, 'contentSets'>[],
): Promise<readonly ReadonlySet<string>[]> {
  const cpes = await repositories.cpesOf([...new Set(layers.flatMap(({ contentSets }) => contentSets))]);
  return layers.map(({ contentSets }) => new Set(contentSets.flatMap((name) => cpes.get(name) ?? [])));
}
