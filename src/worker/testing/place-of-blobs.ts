import { ClairError } from '../../errors.ts';
import type { ImagePlace } from '../sources/image/image-manifest.ts';

/** Returns an image place whose blobs are texts in memory, by digest; a missing blob is `image/not-found`. */
export function placeOfBlobs(blobs: ReadonlyMap<string, string>): ImagePlace {
  return {
    where: 'here',
    manifestName: (digest) => digest,
    blobName: (digest) => digest,
    holdsForeign: () => true,
    async *open(name) {
      const content = blobs.get(name);
      if (content === undefined) throw new ClairError('image/not-found', name);
      yield Buffer.from(content);
    },
  };
}
