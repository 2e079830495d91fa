import type { IndexedImage } from '../database/contracts/images.ts';
import type { Store } from '../database/contracts/store.ts';
import { ClairError } from '../errors.ts';
import { isPosted } from './manifests/manifest.ts';
import type { ImageSource } from './sources/image-source.ts';
import type { Worker } from './worker.ts';

export type ReindexOptions = {
  readonly store: Store;
  readonly worker: Worker;
  /**
   * Opens the target of an image again; the target may now refer to another image.
   *
   * @throws ClairError if the target cannot be opened as an image
   */
  readonly open: (image: IndexedImage) => Promise<ImageSource>;
  readonly signal?: AbortSignal;
};

export type ReindexedImage =
  | { readonly image: IndexedImage; readonly layers: number }
  | { readonly image: IndexedImage; readonly error: ClairError }
  /** Quay or clairctl posted the manifest of the image, and only these clients can provide access to its layers. */
  | { readonly image: IndexedImage; readonly isPosted: true };

const PAGE = 100;

/**
 * Re-analyses every indexed image of an older engine version from its original location, and yields each result. A
 * failure leaves the image unchanged and does not stop the analysis of other images.
 *
 * @throws the abort reason of the signal; ClairError of the kinds `busy` and `internal`, such as `database/…`
 */
export async function* reindexImages({ store, worker, open, signal }: ReindexOptions): AsyncGenerator<ReindexedImage> {
  let after: IndexedImage['digest'] | '' = '';
  for (;;) {
    const images = await store.images.outdated(worker.engineVersion, { after, limit: PAGE });
    for (const image of images) {
      signal?.throwIfAborted();
      yield await reindex(image);
      after = image.digest;
    }
    if (images.length < PAGE) return;
  }

  async function reindex(image: IndexedImage): Promise<ReindexedImage> {
    if (isPosted(image)) return { image, isPosted: true };
    try {
      const source = await open(image);
      try {
        if (source.digest !== image.digest) {
          throw new ClairError('image/not-found', `${image.target} now refers to another image: ${source.digest}`);
        }
        return { image, layers: (await worker.analyzeImage(source, signal)).length };
      } finally {
        await source.close();
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof ClairError) || error.kind === 'busy' || error.kind === 'internal') throw error;
      return { image, error };
    }
  }
}
