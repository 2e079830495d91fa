import { ClairError } from '../../../errors.ts';
import { type Descriptor, digestOf, type ImagePlace, readIndex, readManifest } from './image-manifest.ts';
import { fitsPlatform, hasSameVariant, type PlatformWish, platformText } from './platform.ts';
import { SOCI_INDEX_TYPES } from './soci-index.ts';

/** The maximum number of levels of indexes below the top index; no real image has more. */
const MAX_INDEX_DEPTH = 4;

/** The maximum number of entries in all indexes of one image; each nested index requires a request to a registry. */
const MAX_INDEX_ENTRIES = 10_000;

/** BuildKit sets this annotation on attestations, which look like images but have no file system. */
const ATTESTATION = 'vnd.docker.reference.type';

/**
 * Returns the image manifests that descriptors refer to, directly or through indexes. Reads each index once; otherwise
 * indexes that are listed many times would multiply the number of readings.
 *
 * @throws ClairError `image/unreadable`, also for indexes that are nested too deep or have too many entries; `bytes/…`,
 * `registry/…`
 */
export async function manifestsBelow(place: ImagePlace, top: readonly Descriptor[]): Promise<readonly Descriptor[]> {
  const manifests: Descriptor[] = [];
  const read = new Set<string>();
  let level = top;
  let entries = top.length;
  for (let depth = 0; level.length > 0; depth += 1) {
    const below: Descriptor[] = [];
    for (const descriptor of level.filter(isImageOrIndex)) {
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
  return await withoutSoci(place, manifests);
}

/** The media types of the configuration of a SOCI index. No runtime runs a manifest with such a configuration. */
const SOCI_CONFIG = /^application\/vnd\.(?:oci\.empty\.v1\+json$|amazon\.soci\.index\.)/;

/** The maximum number of SOCI indexes that are read; an index normally has one SOCI index for each platform. */
const MAX_SOCI_INDEXES = 50;

/**
 * Leaves out SOCI indexes. Reads their manifests, because the artifact type in an index is unreliable: Docker ignores
 * the type, so an image with a false artifact type must be kept.
 */
async function withoutSoci(place: ImagePlace, manifests: readonly Descriptor[]): Promise<readonly Descriptor[]> {
  const suspects = manifests.filter(
    ({ artifactType }) => typeof artifactType === 'string' && SOCI_INDEX_TYPES.test(artifactType),
  );
  const left = new Set<Descriptor>();
  for (const each of suspects.slice(0, MAX_SOCI_INDEXES)) if (await isSociIndex(place, each)) left.add(each);
  return manifests.filter((each) => !left.has(each));
}

async function isSociIndex(place: ImagePlace, descriptor: Descriptor): Promise<boolean> {
  try {
    const { value } = await readManifest(place, digestOf(place, descriptor));
    return SOCI_CONFIG.test(value.config.mediaType ?? '');
  } catch (error) {
    // Opening the image reports the error if this image is chosen.
    if (error instanceof ClairError) return false;
    throw error;
  }
}

/**
 * Returns the only image with the wanted platform and variant, or else the only image that fits the wanted platform. If
 * no image fits, returns the only candidate, unless the platform is `required` and the candidate states another
 * platform. Otherwise returns undefined.
 */
export function chooseManifest(
  candidates: readonly Descriptor[],
  { platform: wanted, required }: PlatformWish,
): Descriptor | undefined {
  const different = differentManifests(candidates);
  const fitting = manifestsFor(candidates, { platform: wanted });
  const exact = fitting.filter(({ platform }) => platform !== undefined && hasSameVariant(wanted, platform));
  const chosen = onlyOne(exact) ?? onlyOne(fitting);
  if (chosen !== undefined) return chosen;
  const only = onlyOne(different);
  return required && only?.platform !== undefined ? undefined : only;
}

/** Returns the images that state the wanted platform, without duplicates. */
export function manifestsFor(
  candidates: readonly Descriptor[],
  { platform: wanted }: Pick<PlatformWish, 'platform'>,
): readonly Descriptor[] {
  return differentManifests(candidates).filter(
    ({ platform }) => platform !== undefined && fitsPlatform(wanted, platform),
  );
}

/** Returns the descriptors without duplicates, compared by digest. */
export function differentManifests(candidates: readonly Descriptor[]): readonly Descriptor[] {
  return [...new Map(candidates.map((each) => [each.digest, each])).values()];
}

/** Formats the distinct platforms of images for messages, separated by commas, and marks images in the Nydus format. */
export function platformsOf(candidates: readonly Descriptor[]): string {
  const shown = candidates.map((each) => `${platformOf(each)}${isNydus(each) ? ' (Nydus)' : ''}`);
  return [...new Set(shown)].join(', ');
}

/** Formats the platform of an image for messages; `unnamed` if the index states no platform. */
export function platformOf({ platform }: Descriptor): string {
  return platform === undefined ? 'unnamed' : platformText(platform);
}

function onlyOne(descriptors: readonly Descriptor[]): Descriptor | undefined {
  return descriptors.length === 1 ? descriptors[0] : undefined;
}

/**
 * The feature of a platform whose image is in the Nydus format. Docker ignores the feature, so the image is never left
 * out: the user chooses.
 */
const NYDUS = 'nydus.remoteimage.v1';

function isNydus({ platform }: Descriptor): boolean {
  const features = platform?.['os.features'];
  return Array.isArray(features) && features.includes(NYDUS);
}

function isImageOrIndex({ annotations, platform }: Descriptor): boolean {
  const isUnknown = platform?.architecture === 'unknown' || platform?.os === 'unknown';
  return annotations?.[ATTESTATION] === undefined && !isUnknown;
}

function isIndex({ mediaType = '' }: Descriptor): boolean {
  return /\.(image\.index|manifest\.list)\./.test(mediaType);
}
