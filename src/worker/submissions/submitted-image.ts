import type { HttpFormClient } from '../../bytes/http/client.ts';
import type { TemporarySpace } from '../../bytes/temporary-space.ts';
import type { Digest } from '../../model/digest.ts';
import type { LayerProgress } from '../../model/layer-progress.ts';
import type { Submission } from '../../model/submission.ts';
import { parsePlatform } from '../sources/image/platform.ts';
import type { PartialFetch } from '../parts/parts-scope.ts';
import { lentCredentials } from '../sources/registry/lent-credentials.ts';
import type { CredentialStore } from '../sources/registry/registry-auth.ts';
import type { RegistryAccess } from '../sources/registry/registry-client.ts';
import { openImage, parseTarget, type Target } from '../sources/target.ts';
import type { Worker } from '../worker.ts';

export type SubmittedImage = Pick<Submission, 'target' | 'platform'> &
  Partial<Pick<Submission, 'access' | 'document'>> & {
    /** The file with the archive or SBOM. */
    readonly path?: string;
  };

/**
 * Reads a submitted image, and returns the digests of its images.
 *
 * @throws ClairError `image/…`, `registry/…`, `bytes/…`, `sbom/…`, `server/…`; the abort reason of the signal.
 */
export type ReadSubmitted = (
  image: SubmittedImage,
  options: { readonly signal: AbortSignal; readonly progress: (layers: LayerProgress) => Promise<void> },
) => Promise<readonly Digest[]>;

/** The maximum time that a submission waits for its image to be counted; the counting thread may be busy. */
const MAX_COUNTING_MS = 5000;

/**
 * Creates the reader of submitted images. Targets are untrusted: registries are accessed only as the HTTP client's
 * policy allows, and only with the credentials configured for this purpose or sent by the client.
 */
export function createSubmittedImageReader({
  worker,
  http,
  credentials,
  partialFetch = [],
  space,
  count = async () => undefined,
}: {
  readonly worker: Pick<Worker, 'analyzeImage'>;
  readonly http: HttpFormClient;
  readonly credentials: CredentialStore;
  /** The registries whose layers are read in part where possible. */
  readonly partialFetch?: readonly PartialFetch[];
  /** The space for unpacked archives. */
  readonly space?: TemporarySpace;
  /** Counts an image for the lists before its submission is reported as finished. */
  readonly count?: (digest: Digest, signal: AbortSignal) => Promise<void>;
}): ReadSubmitted {
  return async ({ target, platform, path, access = null, document = null }, { signal, progress }) => {
    const wanted = targetOf(target, path, document !== null);
    const registry: RegistryAccess = {
      http,
      credentials: access === null ? credentials : lentCredentials(access),
      insecureRegistries: access?.isPlain === true && wanted.kind === 'registry' ? [wanted.reference.domain] : [],
      mirrors: [],
      partialFetch,
    };
    const wish = platform === null ? undefined : parsePlatform(platform);
    const choices = {
      distribution: document?.distribution ?? undefined,
      appliesVex: document?.appliesVex,
      describes: document?.image,
    };
    const image = await openImage(wanted, { platform: wish, ...choices, registry, signal, ...(space && { space }) });
    try {
      // An archive without a name would be named after its temporary file.
      const isNameless = path !== undefined && image.reference.startsWith(path);
      const named = isNameless ? { ...image, reference: target } : image;
      // The temporary file of an SBOM is removed, so its path must not be stored.
      const lasting = document === null ? named : { ...named, target: `sbom:${target}` };
      await worker.analyzeImage(lasting, signal, progress);
      // A failure is ignored, because the counting job retries.
      await count(image.digest, AbortSignal.any([signal, AbortSignal.timeout(MAX_COUNTING_MS)])).catch(() =>
        signal.throwIfAborted(),
      );
      return [image.digest];
    } finally {
      await image.close();
    }
  };
}

function targetOf(target: string, path: string | undefined, isDocument: boolean): Target {
  if (path === undefined) return parseTarget(`registry:${target}`);
  return isDocument ? { kind: 'sbom', path } : { kind: undefined, path, tag: undefined };
}
