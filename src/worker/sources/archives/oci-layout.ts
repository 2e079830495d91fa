import { resolve } from 'node:path';
import { indexedReference } from '../image/indexed-reference.ts';
import { ClairError } from '../../../errors.ts';
import { algorithmOf, type Digest, hexOfDigest } from '../../../model/digest.ts';
import type { ImageFiles } from '../image/image-files.ts';
import {
  chooseManifest,
  differentManifests,
  manifestsBelow,
  manifestsFor,
  platformOf,
  platformsOf,
} from '../image/image-index.ts';
import { imageOfManifest } from '../image/image-layers.ts';
import { type Descriptor, digestOf, type ImagePlace, readIndex, readManifest } from '../image/image-manifest.ts';
import type { PlatformImage } from '../image-set.ts';
import type { ImageSource } from '../image-source.ts';
import { type PlatformWish, platformText } from '../image/platform.ts';

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
 * @throws ClairError `image/unreadable`, also when the layout contains no image; `bytes/digest-mismatch`;
 * `image/choice-needed` with a list of the images.
 */
export async function openOciLayout(
  files: ImageFiles,
  tag: string | undefined,
  wish: PlatformWish,
): Promise<ImageSource> {
  const place = placeOf(files);
  const top = await readTop(place, tag);
  const chosen = chooseManifest(top.candidates, wish);
  if (chosen === undefined) throw choiceNeeded(files.where, top, tag, wish);
  return await imageOf(place, chosen, tag, wish, async () => await files.close());
}

/**
 * Finds the images of an OCI layout, one for each platform. The files stay open.
 *
 * @throws ClairError as `openOciLayout`; `image/choice-needed` when the layout contains images with several names.
 */
export async function ociLayoutImages(files: ImageFiles, tag: string | undefined): Promise<readonly PlatformImage[]> {
  const place = placeOf(files);
  const top = await readTop(place, tag);
  const { tagged, candidates } = top;
  const called = new Set(differentManifests(tagged).map((each) => each.annotations?.[TAG]));
  if (called.size > 1 || candidates.length === 0) throw choiceNeeded(files.where, top, tag);
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

/** Returns the error for a layout without exactly one image that has the tag and the platform. */
function choiceNeeded(
  where: string,
  { names, tagged, candidates }: Top,
  tag: string | undefined,
  wish?: PlatformWish,
): ClairError {
  const named = tag === undefined ? '' : ` "${tag}"`;
  const listed = names.join(', ');
  if (tag !== undefined && tagged.length === 0 && names.length > 0) {
    return new ClairError('image/choice-needed', `${where} has no image${named}; it contains ${listed}`);
  }
  if (candidates.length === 0) return new ClairError('image/unreadable', `${where} contains no image${named}`);
  const platforms = `platforms: ${platformsOf(candidates)}`;
  const fitting = wish === undefined ? [] : manifestsFor(candidates, wish);
  const ofPlatform = wish?.required === true ? ` for ${platformText(wish.platform)}` : '';
  if (fitting.length === 0 && ofPlatform !== '') {
    const held = tag === undefined ? listed : tag;
    return new ClairError(
      'image/choice-needed',
      `${where} has no image${named}${ofPlatform}; it contains ${held} (${platforms})`,
    );
  }
  const held = tag === undefined ? `: ${listed}` : '';
  return new ClairError(
    'image/choice-needed',
    `${where} contains several images${named}${ofPlatform}${held} (${platforms})`,
  );
}

function blobName(digest: Digest): string {
  return `blobs/${algorithmOf(digest)}/${hexOfDigest(digest)}`;
}
