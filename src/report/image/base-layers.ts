import type { Store } from '../../database/contracts/store.ts';
import { isDigest } from '../../model/digest.ts';
import type { Layer } from '../../model/layer.ts';
import type { LayerOrigin } from '../../model/report/report.ts';
import { referenceParts } from '../../model/image-reference.ts';

/** The evidence for the number of layers that come from the base image. */
export type BaseEvidence = {
  /** The reference under which the image was requested. */
  readonly reference: string;
  readonly layers: readonly { readonly createdBy: string }[];
  /** The digest of the base image, if the image names its base image. */
  readonly baseDigest?: string;
  /** The number of layers before each CMD and ENTRYPOINT in the history. */
  readonly commands?: readonly number[];
};

/**
 * Returns the origin of each layer of an image, base first (docs/reference/report.md). The function uses the first
 * available evidence in this order: the number that the user stated; the base image that the image names, if indexed;
 * the largest indexed image whose layers are the lowest layers of this image; a root file system at the start of the
 * history. Without evidence, the origin is unknown.
 *
 * @param layers the stored layers
 * @param stated the number of base layers that the user stated
 */
export async function layerOrigins(
  store: Pick<Store, 'images' | 'layers'>,
  image: BaseEvidence,
  layers: readonly Layer[],
  stated?: number,
): Promise<readonly LayerOrigin[]> {
  const count = image.layers.length;
  if (stated !== undefined) return origins(count, stated, 'own');
  const named = await layersOfBase(store, image, layers);
  if (named !== undefined) return origins(count, named, 'own');
  const known = await layersOfIndexedImage(store, image, layers);
  // A CMD or ENTRYPOINT in the history above the base and below the top indicates another, unknown base image.
  if (known !== undefined) return origins(count, known, hasCommandWithin(image, known, count) ? 'unknown' : 'own');
  return origins(count, isRootFileSystem(image) ? 1 : 0, 'unknown');
}

function origins(count: number, base: number, above: LayerOrigin): readonly LayerOrigin[] {
  return Array.from({ length: count }, (_, index) => (index < base ? 'base' : above));
}

async function layersOfBase(
  store: Pick<Store, 'images' | 'layers'>,
  { baseDigest = '' }: BaseEvidence,
  layers: readonly Layer[],
): Promise<number | undefined> {
  const base = isDigest(baseDigest) ? await store.images.find(baseDigest) : undefined;
  const leaf = base === undefined || base.leaf === null ? undefined : await store.layers.get(base.leaf);
  const index = leaf === undefined ? -1 : layers.findIndex(({ name }) => name === leaf.name);
  return index === -1 ? undefined : index + 1;
}

/**
 * Returns the number of layers of the largest indexed image that this image is built on. The name of a layer identifies
 * the layer and all layers below it, so layers with equal names have equal layers below. An image of the same
 * repository does not count, because it is an earlier build and not a base image.
 */
async function layersOfIndexedImage(
  store: Pick<Store, 'images'>,
  { reference }: BaseEvidence,
  layers: readonly Layer[],
): Promise<number | undefined> {
  const below = layers.slice(0, -1).map(({ name }) => name);
  const known = below.length === 0 ? [] : await store.images.topmostAmong(below);
  const own = referenceParts(reference).repository;
  const topmost = new Set(
    known.filter((each) => referenceParts(each.reference).repository !== own).map(({ layer }) => layer),
  );
  const index = below.findLastIndex((name) => topmost.has(name));
  return index === -1 ? undefined : index + 1;
}

function hasCommandWithin({ commands = [] }: BaseEvidence, from: number, to: number): boolean {
  return commands.some((layers) => layers > from && layers < to);
}

/**
 * Matches the first instruction of distribution images, such as `ADD file:… in /` or `ADD rootfs.tar.xz / # buildkit`.
 */
const ROOT_FILE_SYSTEM = /\b(?:ADD|COPY) .* \/\s*(?:#.*)?$/;

/** Returns whether the lowest layer is a root file system, followed by a CMD or ENTRYPOINT and by other layers. */
function isRootFileSystem({ layers, commands = [] }: BaseEvidence): boolean {
  return layers.length > 1 && commands[0] === 1 && ROOT_FILE_SYSTEM.test(layers[0]?.createdBy ?? '');
}
