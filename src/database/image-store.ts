import type { Digest } from '../model/digest.ts';
import type { Engine } from './engine.ts';
import type { ImageStore } from './store.ts';

/** The images that were scanned, each by its topmost layer. */
export function createImageStore({ read, transaction }: Engine): ImageStore {
  return {
    async record(image) {
      const { digest, reference, platform, leaf, scannedAt } = image;
      await transaction((queries) => queries.run(UPSERT_IMAGE, [digest, reference, platform, leaf, scannedAt]));
    },
    async find(digest) {
      const row = await read.get<ImageRow>(
        'SELECT digest, reference, platform, leaf, scanned_at FROM image WHERE digest = ?',
        [digest],
      );
      if (row === undefined) return undefined;
      const { scanned_at: scannedAt, ...image } = row;
      return { ...image, scannedAt };
    },
  };
}

type ImageRow = {
  readonly digest: Digest;
  readonly reference: string;
  readonly platform: string;
  readonly leaf: number | null;
  readonly scanned_at: number;
};

const UPSERT_IMAGE = `
INSERT INTO image (digest, reference, platform, leaf, scanned_at) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (digest) DO UPDATE SET
  reference = excluded.reference, platform = excluded.platform, leaf = excluded.leaf, scanned_at = excluded.scanned_at`;
