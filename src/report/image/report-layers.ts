import type { Store } from '../../database/contracts/store.ts';
import type { Layer } from '../../model/layer.ts';
import type { LayerOrigin, ReportLayer } from '../../model/report/report.ts';
import { type BaseEvidence, layerOrigins } from './base-layers.ts';

/** A layer as the image has it. */
export type ReportedLayer = Pick<ReportLayer, 'digest' | 'diffId' | 'createdBy'> & { readonly size?: number };

/**
 * Makes the layers of a report, base first.
 *
 * @param layers as they are known
 * @param baseLayers how many layers the user says that the base has
 */
export async function reportLayers(
  store: Pick<Store, 'images' | 'layers'>,
  image: Omit<BaseEvidence, 'layers'> & { readonly layers: readonly ReportedLayer[] },
  layers: readonly Layer[],
  baseLayers?: number,
): Promise<readonly ReportLayer[]> {
  const origins = await layerOrigins(store, image, layers, baseLayers);
  return await Promise.all(
    image.layers.map((each, index) => reportLayer(store, { ...each, index, origin: origins[index] }, layers[index])),
  );
}

async function reportLayer(
  store: Pick<Store, 'layers'>,
  { index, digest, diffId, createdBy, origin = 'unknown', size }: PlacedLayer,
  layer: Layer | undefined,
): Promise<ReportLayer> {
  const changes = layer === undefined ? [] : await store.layers.changes(layer.id);
  const packagesAdded = changes.filter(({ change }) => change === 1).length;
  const packagesRemoved = changes.length - packagesAdded;
  return { index, digest, diffId, createdBy, origin, size: size ?? null, packagesAdded, packagesRemoved };
}

type PlacedLayer = ReportedLayer & { readonly index: number; readonly origin: LayerOrigin | undefined };
