import { ClairError } from '../../errors.ts';
import { readImageConfig } from './image-config.ts';
import { digestOf, type ImagePlace, type ReadManifest } from './image-manifest.ts';
import type { ImageSource } from './image-source.ts';
import { checkPlatform, type PlatformWish } from './platform.ts';

/**
 * Reads the configuration that a manifest refers to, and gives the image's identity and layers. The layers' bytes are
 * fetched only when somebody opens them.
 *
 * @throws ClairError `image/unreadable`, `bytes/…` or `registry/…`; `image/choice-needed` when the image is for another
 * platform than the required one.
 */
export async function imageOfManifest(
  place: ImagePlace,
  manifest: ReadManifest,
  wish: PlatformWish,
): Promise<Pick<ImageSource, 'digest' | 'platform' | 'layers'>> {
  const { layers } = manifest.value;
  const configDigest = digestOf(place, manifest.value.config);
  const config = await readImageConfig(place, place.blobName(configDigest), configDigest);
  if (layers.length !== config.layers.length) {
    throw new ClairError(
      'image/unreadable',
      `the manifest in ${place.where} lists ${layers.length} layers, but its configuration ${config.layers.length}`,
    );
  }
  checkPlatform(place.where, config.platform, wish);
  return {
    digest: manifest.digest,
    platform: config.platform,
    layers: config.layers.map(({ diffId, createdBy }, at) => {
      const digest = digestOf(place, layers[at] ?? { digest: '' });
      const where = `layer ${at} (${digest}) of ${place.where}`;
      const open = async (signal?: AbortSignal): Promise<ReturnType<ImagePlace['open']>> =>
        place.open(place.blobName(digest), signal);
      return { source: { where, digest, diffId, open }, digest, diffId, createdBy };
    }),
  };
}
