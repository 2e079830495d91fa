import type { HttpFormClient } from '../../bytes/http/client.ts';
import type { TemporarySpace } from '../../bytes/temporary-space.ts';
import type { Digest } from '../../model/digest.ts';
import type { LayerProgress } from '../../model/layer-progress.ts';
import type { Submission } from '../../model/submission.ts';
import { parsePlatform } from '../sources/image/platform.ts';
import type { CredentialStore } from '../sources/registry/registry-auth.ts';
import { openImage, parseTarget } from '../sources/target.ts';
import type { Worker } from '../worker.ts';

/** A submitted image, with the file that it lies in if it is an upload. */
export type SubmittedImage = Pick<Submission, 'target' | 'platform'> & { readonly path?: string };

/**
 * Reads a submitted image, and gives the digests of the images that are known by it.
 *
 * @throws ClairError `image/…`, `registry/…`, `bytes/…`; the reason of the signal.
 */
export type ReadSubmitted = (
  image: SubmittedImage,
  options: { readonly signal: AbortSignal; readonly progress: (layers: LayerProgress) => Promise<void> },
) => Promise<readonly Digest[]>;

/** How long a submission waits for the counts of its image; the thread that counts may be busy with other images. */
const MAX_COUNTING_MS = 5000;

/**
 * Makes the reading of submitted images. What is read is named by strangers: registries are asked only where the policy of the
 * HTTP client allows it, and with no credentials but those that the server has for this.
 */
export function createSubmittedImageReader({
  worker,
  http,
  credentials,
  space,
  count = async () => undefined,
}: {
  readonly worker: Pick<Worker, 'analyzeImage'>;
  readonly http: HttpFormClient;
  readonly credentials: CredentialStore;
  /** Where compressed archives are written to. */
  readonly space?: TemporarySpace;
  /** Counts an image for the lists, before its submission is reported as finished. */
  readonly count?: (digest: Digest, signal: AbortSignal) => Promise<void>;
}): ReadSubmitted {
  const registry = { http, credentials, insecureRegistries: [], mirrors: [] };
  return async ({ target, platform, path }, { signal, progress }) => {
    const wanted = path === undefined ? parseTarget(`registry:${target}`) : { kind: undefined, path, tag: undefined };
    const wish = platform === null ? undefined : parsePlatform(platform);
    const image = await openImage(wanted, { platform: wish, registry, signal, ...(space && { space }) });
    try {
      // An archive that carries no name goes by that of its file, which says nothing to anybody.
      const isNameless = path !== undefined && image.reference.startsWith(path);
      await worker.analyzeImage(isNameless ? { ...image, reference: target } : image, signal, progress);
      // An image that cannot be counted now is known all the same: the job that counts images tries again.
      await count(image.digest, AbortSignal.any([signal, AbortSignal.timeout(MAX_COUNTING_MS)])).catch(() =>
        signal.throwIfAborted(),
      );
      return [image.digest];
    } finally {
      await image.close();
    }
  };
}
