import type { RepositoryStore } from '../../database/contracts/repositories.ts';
import type { Layer } from '../../model/layer.ts';

/** The products whose repositories each of some layers was built from, in the order of the layers; as their feeds list them now. */
export async function layerProducts(
  repositories: RepositoryStore,
  layers: readonly Pick<Layer, 'contentSets'>[],
): Promise<readonly ReadonlySet<string>[]> {
  const cpes = await repositories.cpesOf([...new Set(layers.flatMap(({ contentSets }) => contentSets))]);
  return layers.map(({ contentSets }) => new Set(contentSets.flatMap((name) => cpes.get(name) ?? [])));
}
