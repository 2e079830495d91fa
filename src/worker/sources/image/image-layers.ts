import { ClairError } from '../../../errors.ts';
import { isDigest } from '../../../model/digest.ts';
import { layersText, readImageConfig } from './image-config.ts';
import { type Descriptor, digestOf, type ImagePlace, type ReadManifest } from './image-manifest.ts';
import type { ImageSource } from '../image-source.ts';
import { checkPlatform, type PlatformWish } from './platform.ts';

/**
 * Reads the configuration of a manifest, and returns the image's identity and layers. Layers are fetched only when
 * opened; an unavailable foreign layer is marked as absent.
 *
 * @param wish the required platform, if any
 * @throws ClairError `image/unreadable`, `bytes/…` or `registry/…`; `image/choice-needed` when the image is not for the
 * required platform.
 */
export async function imageOfManifest(
  place: ImagePlace,
  manifest: ReadManifest,
  wish?: PlatformWish,
): Promise<Pick<ImageSource, 'digest' | 'platform' | 'layers' | 'baseDigest' | 'commands'>> {
  const { layers } = manifest.value;
  if (layers.some(({ mediaType }) => mediaType === ATTESTATION)) {
    throw new ClairError('image/unsupported', `the manifest in ${place.where} is an attestation, not an image`);
  }
  const configDigest = digestOf(place, manifest.value.config);
  const config = await readImageConfig(place, place.blobName(configDigest), configDigest);
  if (layers.length !== config.layers.length) {
    throw new ClairError(
      'image/unreadable',
      `the manifest in ${place.where} lists ${layersText(layers.length)}, but the image configuration lists ${config.layers.length}`,
    );
  }
  if (wish !== undefined) checkPlatform(place.where, config.platform, wish);
  return {
    digest: manifest.digest,
    platform: config.platform,
    ...baseOf(manifest),
    commands: config.commands,
    layers: config.layers.map(({ diffId, createdBy }, at) => {
      const descriptor: Descriptor = layers[at] ?? { digest: '' };
      const digest = digestOf(place, descriptor);
      const blob = place.blobName(digest);
      const where = `layer ${at} (${digest}) of ${place.where}`;
      const open = async (signal?: AbortSignal): Promise<ReturnType<ImagePlace['open']>> => place.open(blob, signal);
      const { part } = place;
      const source = { where, digest, diffId, open, ...(part && { file: () => part(blob) }) };
      const { size } = descriptor;
      const layer = { source, digest, diffId, createdBy, ...(size !== undefined && { size }) };
      if (!isForeign(descriptor) || place.holdsForeign(blob)) return layer;
      return {
        ...layer,
        absent: `layer ${at} (${digest}) is a foreign layer, which must be downloaded from another location`,
      };
    }),
  };
}

/**
 * The media type of the layers of an attestation, which BuildKit stores beside an image with a similar configuration.
 */
const ATTESTATION = 'application/vnd.in-toto+json';

const BASE_DIGEST = 'org.opencontainers.image.base.digest';

function baseOf({ value: { annotations } }: ReadManifest): Pick<ImageSource, 'baseDigest'> {
  if (typeof annotations !== 'object' || annotations === null) return {};
  const digest: unknown = Reflect.get(annotations, BASE_DIGEST);
  return typeof digest === 'string' && isDigest(digest) ? { baseDigest: digest } : {};
}

/**
 * Returns whether a layer must be fetched from elsewhere (image-spec, layer.md, "Non-Distributable Layers"; Docker's
 * `foreign`).
 */
function isForeign({ mediaType = '', urls = [] }: Descriptor): boolean {
  return urls.length > 0 || /\.(layer\.nondistributable|rootfs\.foreign)\./.test(mediaType);
}
