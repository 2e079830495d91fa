import { clairVersion } from '../version.ts';
import type { ImageSet } from '../worker/sources/image-set.ts';
import {
  openRegistryCertificates,
  type RegistryCertificates,
} from '../worker/sources/registry/registry-certificates.ts';
import type { RegistryAccess } from '../worker/sources/registry/registry-client.ts';
import { type OpenImageOptions, openImageSet, type Target } from '../worker/sources/target.ts';

/** The requested platforms of a target, and the settings for access to registries. */
export type TargetOptions = Pick<
  OpenImageOptions,
  'platform' | 'signal' | 'distribution' | 'appliesVex' | 'describes' | 'daemons'
> &
  Omit<RegistryAccess, 'http'> & {
    /** Whether to open the images of all platforms; cannot be combined with `platform`. */
    readonly allPlatforms: boolean;
    readonly certificates: RegistryCertificates;
  };

/**
 * Opens the image of a target, or the images for all platforms. The caller must close the returned set, which closes
 * its HTTP client. The registry may be on any host, because the operator chose the registry.
 *
 * @throws ClairError `image/…`, `bytes/…` or `registry/…`.
 */
export async function openTargetImages(target: Target, options: TargetOptions): Promise<ImageSet> {
  const findCertificates = await openRegistryCertificates(options.certificates);
  // Only root file systems need the detectors, which take longer to load than an image takes to open.
  const { DETECTORS: detectors } = target.kind === 'rootfs' ? await import('../worker/detectors/index.ts') : {};
  const local = { ...options, ...(detectors && { detectors }) };
  if (target.kind !== 'registry') return await openImageSet(target, local, { close: async () => {} });
  // The HTTP client is loaded on demand, because loading its libraries takes longer than opening a local image.
  const { createHttpClient } = await import('../bytes/http/client.ts');
  const http = createHttpClient({ version: clairVersion(), findCertificates });
  return await openImageSet(target, { ...local, registry: { ...options, http } }, http);
}
