import type { Store } from '../../database/contracts/store.ts';
import { isDigest } from '../../model/digest.ts';
import type { Layer } from '../../model/layer.ts';
import type { LayerOrigin } from '../../model/report/report.ts';
import { referenceParts } from '../../model/image-reference.ts';

/** What tells how many of the layers of an image came with its base image. */
export type BaseEvidence = {
  /** What the image was asked for by. */
  readonly reference: string;
  readonly layers: readonly { readonly createdBy: string }[];
  /** The digest of the base image, where the image tells it. */
  readonly baseDigest?: string;
  /** For each CMD and ENTRYPOINT of the history, how many layers had been made before. */
  readonly commands?: readonly number[];
};

/**
 * Tells of each layer of an image, base first, whether it came with the base image (docs/report.md, "Base and own layers").
 * The first of these that tells it counts: what the user states; the base that the image names, if it is known; the known
 * image with the most layers of which all are the lowest ones of this image; the root file system at the beginning of the
 * history. What none of them tells is unknown.
 *
 * @param layers as they are known
 * @param stated how many layers the user says that the base has
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
  // Another command in the history before a layer above: there was a base in between which is not known.
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
 * Names of layers are those of whole chains: a layer of the same name has the same ones below it. An image of the same
 * repository is not the base but most often an earlier build, with fewer instructions.
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

/** A file that is unpacked at `/`, as all distributions begin: `ADD file:… in /`, `ADD rootfs.tar.xz / # buildkit`. */
const ROOT_FILE_SYSTEM = /\b(?:ADD|COPY) .* \/\s*(?:#.*)?$/;

/** The first layer is a root file system that got its command at once, and something was built on it. */
function isRootFileSystem({ layers, commands = [] }: BaseEvidence): boolean {
  return layers.length > 1 && commands[0] === 1 && ROOT_FILE_SYSTEM.test(layers[0]?.createdBy ?? '');
}
