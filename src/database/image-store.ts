import type { Engine, InsertTarget, SqlValue } from './engine.ts';
import type { ImageStore, KnownImage } from './store.ts';

/** The images that were scanned, each by its topmost layer. */
export function createImageStore({ read, transaction }: Engine): ImageStore {
  return {
    async record(image) {
      await transaction((queries) => queries.run(UPSERT_IMAGE, imageValues(image)));
    },
    async find(digest) {
      const row = await read.get<ImageRow>(`SELECT ${COLUMNS} FROM image WHERE digest = ?`, [digest]);
      return row && imageOfRow(row);
    },
    async topmostAmong(names) {
      return await read.all<{ layer: string; reference: string }>(SELECT_TOPMOST, [JSON.stringify(names)]);
    },
    async outdated(engineVersion, { after, limit }) {
      return (await read.all<ImageRow>(SELECT_OUTDATED, [after, engineVersion, limit])).map(imageOfRow);
    },
  };
}

type ImageRow = Omit<KnownImage, 'scannedAt'> & { readonly scanned_at: number };

function imageOfRow({ scanned_at: scannedAt, ...image }: ImageRow): KnownImage {
  return { ...image, scannedAt };
}

const COLUMNS = 'image.digest, image.reference, image.target, image.platform, image.leaf, image.scanned_at';

const SELECT_OUTDATED = `
SELECT ${COLUMNS}
FROM image CROSS JOIN layer
WHERE image.digest > ? AND layer.id = image.leaf AND layer.engine_version < ?
ORDER BY image.digest
LIMIT ?`;

/** Takes a JSON array of names of layers. */
export const SELECT_TOPMOST = `
SELECT DISTINCT layer.name AS layer, image.reference
FROM json_each(?) AS wanted CROSS JOIN layer CROSS JOIN image
WHERE layer.name = wanted.value AND image.leaf = layer.id
ORDER BY layer.name, image.reference`;
/** Images without their ids; {@link imageValues} gives the values. */
export const IMAGES: InsertTarget = {
  table: 'image',
  columns: ['digest', 'reference', 'target', 'platform', 'leaf', 'scanned_at'],
};

export function imageValues({ digest, reference, target, platform, leaf, scannedAt }: KnownImage): SqlValue[] {
  return [digest, reference, target, platform, leaf, scannedAt];
}

const UPSERT_IMAGE = `
INSERT INTO image (${IMAGES.columns.join(', ')}) VALUES (${IMAGES.columns.map(() => '?').join(', ')})
ON CONFLICT (digest) DO UPDATE SET
  reference = excluded.reference, target = excluded.target, platform = excluded.platform, leaf = excluded.leaf,
  scanned_at = excluded.scanned_at`;
