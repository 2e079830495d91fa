import { ClairError } from '../../errors.ts';
import type { Digest } from '../../model/digest.ts';
import type { ImageFiles } from './image-files.ts';
import { chooseManifest, manifestsBelow, platformsOf } from './image-index.ts';
import { imageOfManifest } from './image-layers.ts';
import { type Descriptor, digestOf, type ImagePlace, readIndex, readManifest } from './image-manifest.ts';
import type { ImageSource } from './image-source.ts';
import type { PlatformWish } from './platform.ts';

const INDEX = 'index.json';

/** The annotation that holds the tag (image-spec, annotations.md). */
const TAG = 'org.opencontainers.image.ref.name';

/** Tells whether the files are an OCI image layout. */
export function isOciLayout(files: ImageFiles): boolean {
  return files.has(INDEX);
}

/**
 * Opens an image of an OCI layout (image-spec, image-layout.md).
 *
 * @param tag which image; needed when the layout holds several
 * @param wish which platform of an index is wanted
 * @throws ClairError `image/unreadable`, `bytes/digest-mismatch`, or `image/choice-needed` with what there is.
 */
export async function openOciLayout(
  files: ImageFiles,
  tag: string | undefined,
  wish: PlatformWish,
): Promise<ImageSource> {
  const place: ImagePlace = { where: files.where, manifestName: blobName, blobName, open: files.open };
  const { value: index } = await readIndex(place, INDEX);
  const tagged =
    tag === undefined ? index.manifests : index.manifests.filter((each) => each.annotations?.[TAG] === tag);
  const candidates = await manifestsBelow(place, tagged);
  const chosen = chooseManifest(candidates, wish);
  if (chosen === undefined) {
    const names = index.manifests.map((each) => each.annotations?.[TAG] ?? each.digest);
    const what = tag === undefined ? 'holds' : `has no single image "${tag}"; it holds`;
    throw new ClairError('image/choice-needed', `${files.where} ${what} ${describe(names, candidates)}`);
  }
  const manifest = await readManifest(place, digestOf(place, chosen));
  return {
    ...(await imageOfManifest(place, manifest, wish)),
    kind: 'oci',
    reference: chosen.annotations?.[TAG] ?? tag ?? files.where,
    close: () => files.close(),
  };
}

function describe(names: readonly string[], candidates: readonly Descriptor[]): string {
  const listed = names.length === 0 ? 'no image' : names.join(', ');
  return candidates.length === 0 ? listed : `${listed} (platforms: ${platformsOf(candidates)})`;
}

function blobName(digest: Digest): string {
  return `blobs/sha256/${digest.slice('sha256:'.length)}`;
}
