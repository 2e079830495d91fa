import { createHttpClient } from '../bytes/http/client.ts';
import { clairVersion } from '../version.ts';
import { DETECTORS } from '../worker/detectors/index.ts';
import type { ImageSet } from '../worker/sources/image-set.ts';
import {
  openRegistryCertificates,
  type RegistryCertificates,
} from '../worker/sources/registry/registry-certificates.ts';
import type { RegistryAccess } from '../worker/sources/registry/registry-client.ts';
import { type OpenImageOptions, openImageSet, type Target } from '../worker/sources/target.ts';

/** Which images are wanted, and how registries may be asked for them. */
export type TargetOptions = Pick<OpenImageOptions, 'platform' | 'signal'> &
  Omit<RegistryAccess, 'http'> & {
    /** Whether the images of all platforms are wanted; then none is named. */
    readonly allPlatforms: boolean;
    readonly certificates: RegistryCertificates;
  };

/**
 * Opens the image of a target, or those of all its platforms, with an HTTP client of its own for registries, which is
 * closed with them. Like the feeds of the updater they are the operator's, and may lie anywhere.
 *
 * @throws ClairError `image/…`, `bytes/…` or `registry/…`.
 */
export async function openTargetImages(target: Target, options: TargetOptions): Promise<ImageSet> {
  const findCertificates = await openRegistryCertificates(options.certificates);
  const http = createHttpClient({ version: clairVersion(), findCertificates });
  const openOptions = { ...options, detectors: DETECTORS, registry: { ...options, http } };
  return await openImageSet(target, openOptions, http);
}
