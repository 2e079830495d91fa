import { resolve } from 'node:path';
import { indexedReference } from '../image/indexed-reference.ts';
import { ClairError } from '../../../errors.ts';
import { algorithmOf, type Digest, hexOfDigest } from '../../../model/digest.ts';
import type { ImageFiles } from '../image/image-files.ts';
import { chooseManifest, differentManifests, manifestsBelow, platformOf, platformsOf } from '../image/image-index.ts';
import { imageOfManifest } from '../image/image-layers.ts';
import { type Descriptor, digestOf, type ImagePlace, readIndex, readManifest } from '../image/image-manifest.ts';
import type { PlatformImage } from '../image-set.ts';
import type { ImageSource } from '../image-source.ts';
import type { PlatformWish } from '../image/platform.ts';

const INDEX = 'index.json';

/** The annotation that contains the tag (image-spec, annotations.md). */
const TAG = 'org.opencontainers.image.ref.name';

/** Returns whether the files are an OCI image layout. */
export function isOciLayout(files: ImageFiles): boolean {
  return files.has(INDEX);
}

/**
 * Opens an image of an OCI layout (image-spec, image-layout.md).
 *
 * @param tag the tag of the image; required when the layout contains several images
 * @param wish the wanted platform of an index
 * @throws ClairError `image/unreadable`, `bytes/digest-mismatch`, or `image/choice-needed` with a list of the images.
 */
export async function openOciLayout(
  files: ImageFiles,
  tag: string | undefined,
  wish: PlatformWish,
): Promise<ImageSource> {
  const place = placeOf(files);
  const { names, candidates } = await readTop(place, tag);
  const chosen = chooseManifest(candidates, wish);
  if (chosen === undefined) {
    const what = tag === undefined ? 'contains' : `does not contain exactly one image "${tag}"; it contains`;
    throw new ClairError('image/choice-needed', `${files.where} ${what} ${describe(names, candidates)}`);
  }
  return await imageOf(place, chosen, tag, wish, async () => await files.close());
}

/**
 * Finds the images of an OCI layout, one for each platform. The files stay open.
 *
 * @throws ClairError as `openOciLayout`; `image/choice-needed` when the layout contains no image, or images with
 * several names.
 */
export async function ociLayoutImages(files: ImageFiles, tag: string | undefined): Promise<readonly PlatformImage[]> {
  const place = placeOf(files);
  const { names, tagged, candidates } = await readTop(place, tag);
  const called = new Set(differentManifests(tagged).map((each) => each.annotations?.[TAG]));
  if (called.size > 1 || candidates.length === 0) {
    const what = tag === undefined ? 'contains' : `has no image "${tag}"; it contains`;
    throw new ClairError('image/choice-needed', `${files.where} ${what} ${describe(names, candidates)}`);
  }
  return differentManifests(candidates).map((manifest) => ({
    platform: platformOf(manifest),
    open: async () => await imageOf(place, manifest, tag ?? [...called][0], undefined, async () => {}),
  }));
}

function placeOf(files: ImageFiles): ImagePlace {
  return {
    where: files.where,
    manifestName: blobName,
    blobName,
    open: files.open,
    part: files.part,
    holdsForeign: files.has,
  };
}

type Top = {
  readonly names: readonly string[];
  /** The descriptors, filtered by the tag if there is a tag. */
  readonly tagged: readonly Descriptor[];
  readonly candidates: readonly Descriptor[];
};

async function readTop(place: ImagePlace, tag: string | undefined): Promise<Top> {
  const { manifests } = (await readIndex(place, INDEX)).value;
  const tagged = tag === undefined ? manifests : manifests.filter((each) => each.annotations?.[TAG] === tag);
  const names = manifests.map((each) => each.annotations?.[TAG] ?? each.digest);
  return { names, tagged, candidates: await manifestsBelow(place, tagged) };
}

async function imageOf(
  place: ImagePlace,
  descriptor: Descriptor,
  tag: string | undefined,
  wish: PlatformWish | undefined,
  close: () => Promise<void>,
): Promise<ImageSource> {
  const manifest = await readManifest(place, digestOf(place, descriptor));
  return {
    ...(await imageOfManifest(place, manifest, wish)),
    kind: 'oci',
    reference: indexedReference([descriptor.annotations?.[TAG], tag], place.where),
    target: `oci:${resolve(place.where)}${tag === undefined ? '' : `:${tag}`}`,
    close,
  };
}

function describe(names: readonly string[], candidates: readonly Descriptor[]): string {
  const listed = names.length === 0 ? 'no image' : names.join(', ');
  return candidates.length === 0 ? listed : `${listed} (platforms: ${platformsOf(candidates)})`;
}

function blobName(digest: Digest): string {
  return `blobs/${algorithmOf(digest)}/${hexOfDigest(digest)}`;
}
