import type { IndexedImage } from '../../database/contracts/images.ts';
import type { Store } from '../../database/contracts/store.ts';
import type { Digest } from '../../model/digest.ts';
import type { Layer } from '../../model/layer.ts';
import type { ReportedImage } from './image-report.ts';

/** An image that was scanned before, with all that its report needs. */
export type ReportableImage = {
  readonly known: IndexedImage;
  readonly image: ReportedImage;
  /** Base first. */
  readonly layers: readonly Layer[];
};

/** Finds an image by its digest in the store, as {@link reportImage} takes one; undefined for one that is not known. */
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
