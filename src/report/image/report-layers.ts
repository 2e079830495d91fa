import type { Store } from '../../database/contracts/store.ts';
import type { Layer } from '../../model/layer.ts';
import type { ReportLayer } from '../../model/report/report.ts';
import { type BaseEvidence, layerOrigins } from './base-layers.ts';

/** A layer, with its data from the manifest and the history of the image. */
export type ReportedLayer = Pick<ReportLayer, 'digest' | 'diffId' | 'createdBy'> & { readonly size?: number };

/**
 * Returns the layers of a report, base first.
 *
 * @param layers the stored layers
 * @param baseLayers the number of base layers that the user stated
 */
export async function reportLayers(
  store: Pick<Store, 'images' | 'layers'>,
  image: Omit<BaseEvidence, 'layers'> & { readonly layers: readonly ReportedLayer[] },
  layers: readonly Layer[],
  baseLayers?: number,
): Promise<readonly ReportLayer[]> {
  const leaf = layers.at(-1);
  const [origins, counts] = await Promise.all([
    layerOrigins(store, image, layers, baseLayers),
    leaf === undefined ? undefined : store.layers.changeCounts(leaf.id),
  ]);
  const executables = leaf?.diagnostics.flatMap((diagnostic) => diagnostic.executables ?? []) ?? [];
  return image.layers.map(({ digest, diffId, createdBy, size }, index) => {
    const { added = 0, removed = 0 } = counts?.get(layers[index]?.id ?? 0) ?? {};
    return {
      index,
      digest,
      diffId,
      createdBy,
      origin: origins[index] ?? 'unknown',
      size: size ?? null,
      packagesAdded: added,
      packagesRemoved: removed,
      unknownExecutables: executables.find(({ layer }) => layer === index)?.count ?? 0,
    };
  });
}
