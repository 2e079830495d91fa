import { ClairError } from '../../../errors.ts';
import { type Descriptor, digestOf, type ImagePlace, readIndex } from './image-manifest.ts';
import { fitsPlatform, hasSameVariant, type PlatformWish, platformText } from './platform.ts';

/** The maximum number of levels of indexes, because an index may refer to another index; no real image has more. */
const MAX_INDEX_DEPTH = 4;

/** The maximum number of entries in all indexes of one image; each nested index requires a request to a registry. */
const MAX_INDEX_ENTRIES = 10_000;

/** BuildKit sets this annotation on attestations, which look like images but have no file system. */
const ATTESTATION = 'vnd.docker.reference.type';

/**
 * Returns the image manifests that descriptors lead to, through indexes. Reads each index once; otherwise indexes that
 * are listed many times would multiply the number of readings.
 *
 * @throws ClairError `image/unreadable`, including indexes that are nested too deep or have too many entries;
 * `bytes/…`, `registry/…`
 */
export async function manifestsBelow(place: ImagePlace, top: readonly Descriptor[]): Promise<readonly Descriptor[]> {
  const manifests: Descriptor[] = [];
  const read = new Set<string>();
  let level = top;
  let entries = top.length;
  for (let depth = 0; level.length > 0; depth += 1) {
    const below: Descriptor[] = [];
    for (const descriptor of level.filter(isNoAttestation)) {
      if (!isIndex(descriptor)) manifests.push(descriptor);
      if (!isIndex(descriptor) || read.has(descriptor.digest)) continue;
      read.add(descriptor.digest);
      if (depth === MAX_INDEX_DEPTH) {
        throw new ClairError(
          'image/unreadable',
          `${place.where} nests indexes more than ${MAX_INDEX_DEPTH} levels deep`,
        );
      }
      const digest = digestOf(place, descriptor);
      const { value } = await readIndex(place, place.manifestName(digest), digest);
      entries += value.manifests.length;
      if (entries > MAX_INDEX_ENTRIES) {
        throw new ClairError(
          'image/unreadable',
          `the indexes of ${place.where} list more than ${MAX_INDEX_ENTRIES} entries`,
        );
      }
      for (const each of value.manifests) below.push(each);
    }
    level = below;
  }
  return manifests;
}

/**
 * Returns the only image for the wanted platform. If no image or several images match, returns the only candidate,
 * unless the platform is `required` and the image states another platform. Otherwise returns undefined.
 */
export function chooseManifest(
  candidates: readonly Descriptor[],
  { platform: wanted, required }: PlatformWish,
): Descriptor | undefined {
  const different = differentManifests(candidates);
  const fitting = different.filter(({ platform }) => platform !== undefined && fitsPlatform(wanted, platform));
  const exact = fitting.filter(({ platform }) => platform !== undefined && hasSameVariant(wanted, platform));
  const chosen = onlyOne(exact) ?? onlyOne(fitting);
  if (chosen !== undefined) return chosen;
  const only = onlyOne(different);
  return required && only?.platform !== undefined ? undefined : only;
}

/** Returns the descriptors without duplicates, compared by digest. */
export function differentManifests(candidates: readonly Descriptor[]): readonly Descriptor[] {
  return [...new Map(candidates.map((each) => [each.digest, each])).values()];
}

/** Formats the distinct platforms of images for messages, separated by commas. */
export function platformsOf(candidates: readonly Descriptor[]): string {
  return [...new Set(candidates.map(platformOf))].join(', ');
}

/** Formats the platform of an image for messages; `unnamed` if the index states no platform. */
export function platformOf({ platform }: Descriptor): string {
  return platform === undefined ? 'unnamed' : platformText(platform);
}

function onlyOne(descriptors: readonly Descriptor[]): Descriptor | undefined {
  return descriptors.length === 1 ? descriptors[0] : undefined;
}

function isNoAttestation({ annotations, platform }: Descriptor): boolean {
  const isUnknown = platform?.architecture === 'unknown' || platform?.os === 'unknown';
  return annotations?.[ATTESTATION] === undefined && !isUnknown;
}

function isIndex({ mediaType = '' }: Descriptor): boolean {
  return /\.(image\.index|manifest\.list)\./.test(mediaType);
}
