import type { IndexedImage } from '../../database/contracts/images.ts';
import type { Store } from '../../database/contracts/store.ts';
import type { Digest } from '../../model/digest.ts';
import type { Layer } from '../../model/layer.ts';
import type { ReportedImage } from './image-report.ts';

/** An indexed image, with the inputs of its report. */
export type ReportableImage = {
  readonly known: IndexedImage;
  readonly image: ReportedImage;
  /** The layers, base first. */
  readonly layers: readonly Layer[];
};

/**
 * Returns the indexed image with this digest, with the inputs of {@link reportImage}; returns undefined if no indexed
 * image has the digest.
 */
export async function reportableImage(
  store: Pick<Store, 'images' | 'layers'>,
  digest: Digest,
): Promise<ReportableImage | undefined> {
  const whole = await store.images.whole(digest);
  if (whole === undefined) return undefined;
  const { layers, baseDigest, commands, ...known } = whole;
  const { reference, target, platform, leaf } = known;
  const image = {
    kind: target.slice(0, target.indexOf(':')),
    reference,
    digest,
    platform,
    layers: layers.map(({ size, ...layer }) => ({ ...layer, ...(size !== null && { size }) })),
    ...(baseDigest !== null && { baseDigest }),
    commands,
  };
  return { known, image, layers: leaf === null ? [] : await store.layers.chain(leaf) };
}
