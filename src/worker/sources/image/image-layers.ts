import { ClairError } from '../../../errors.ts';
import { isDigest } from '../../../model/digest.ts';
import { DATABASE_CONFIG_TYPE } from '../../../model/published-database.ts';
import { layersText, readImageConfig } from './image-config.ts';
import { type Descriptor, digestOf, type ImagePlace, type ReadManifest } from './image-manifest.ts';
import type { ImageSource } from '../image-source.ts';
import { anchorOf } from '../../parts/layer-anchor.ts';
import type { LayerParts } from '../../parts/read-parts.ts';
import { checkPlatform, type PlatformWish } from './platform.ts';
import { findSociParts, sociParts } from './soci-index.ts';

/**
 * Reads the configuration of a manifest, and returns the image's identity and layers. Layers are fetched only when
 * opened; an unavailable foreign layer and a layer in the Nydus format are marked as absent.
 *
 * @param wish the required platform, if any
 * @throws ClairError `image/unreadable`, `bytes/…` or `registry/…`; `image/unsupported` for an attestation or a published
 * database; `image/choice-needed` when the image is not for the required platform.
 */
export async function imageOfManifest(
  place: ImagePlace,
  manifest: ReadManifest,
  wish?: PlatformWish,
): Promise<Pick<ImageSource, 'digest' | 'platform' | 'layers' | 'baseDigest' | 'commands'>> {
  const { layers } = manifest.value;
  if (layers.some(({ mediaType }) => mediaType === ATTESTATION)) {
    throw new ClairError(
      'image/unsupported',
      `the manifest in ${place.where} is an attestation, not an image; name the image that the attestation describes`,
    );
  }
  if (manifest.value.config.mediaType === DATABASE_CONFIG_TYPE) {
    throw new ClairError(
      'image/unsupported',
      `the manifest in ${place.where} is a published database, not an image; use clair db pull`,
    );
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
      const where = `layer ${at} (${digest}${hasNydusAnnotation(descriptor) ? NYDUS_HINT : ''}) of ${place.where}`;
      const open = async (signal?: AbortSignal): Promise<ReturnType<ImagePlace['open']>> => place.open(blob, signal);
      const { part } = place;
      const parts = partsOf(place, descriptor, blob) ?? (at === 0 ? sociParts(place, manifest, descriptor) : undefined);
      const findParts = parts === undefined && at === 0 ? findSociParts(place, manifest, descriptor) : undefined;
      const anchor = anchorOf(descriptor.annotations, 'any');
      const source = {
        where,
        digest,
        diffId,
        open,
        ...(anchor && { anchor }),
        ...(part && { file: () => part(blob) }),
        ...(parts && { parts }),
        ...(findParts && { findParts }),
      };
      const { size } = descriptor;
      const layer = { source, digest, diffId, createdBy, ...(size !== undefined && { size }) };
      if (descriptor.mediaType === NYDUS_LAYER) {
        const absent = `layer ${at} (${digest}) has the media type of Nydus, so Clair did not read it: scan the original image`;
        return { ...layer, absent };
      }
      if (!isForeign(descriptor) || place.holdsForeign(blob)) return layer;
      return {
        ...layer,
        absent: `layer ${at} (${digest}) is a foreign layer, stored at another location, so Clair did not read it`,
      };
    }),
  };
}

/** Returns the parts of a layer with a table of contents, if the place can serve parts. */
function partsOf(
  { openRange, partsScope }: ImagePlace,
  { annotations, size }: Descriptor,
  blob: string,
): LayerParts | undefined {
  const anchor = openRange === undefined ? undefined : anchorOf(annotations, partsScope);
  if (openRange === undefined || anchor === undefined || size === undefined) return undefined;
  return { anchor, size, read: async (start, end, signal) => await openRange(blob, { start, end, size }, signal) };
}

const NYDUS_LAYER = 'application/vnd.oci.image.layer.nydus.blob.v1';

/** The annotations of the data and of the metadata of an image in the Nydus format. */
const NYDUS_ANNOTATIONS = ['containerd.io/snapshot/nydus-blob', 'containerd.io/snapshot/nydus-bootstrap'] as const;

/** A hint for messages about layers that cannot be read. */
const NYDUS_HINT = ', annotated as a Nydus layer';

/** Runtimes without Nydus ignore the annotations and unpack the layer, so the layer is read. */
function hasNydusAnnotation({ annotations = {} }: Descriptor): boolean {
  return NYDUS_ANNOTATIONS.some((name) => annotations[name] === 'true');
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
