import type { Digest } from '../../../model/digest.ts';
import { currentVersions } from '../../../model/engine/engine-version.ts';
import { raiseRevision } from './data-revision.ts';
import type { Engine, InsertTarget, SqlValue, TransactionQueries } from '../../engines/engine.ts';
import { ALONE_WITH_NAMES, replaceNames } from '../found-names/found-name-writes.ts';
import { CHAIN } from '../matches/installed.ts';
import type { ImageContents, ImageLayerFacts, ImageStore, IndexedImage } from '../../contracts/images.ts';

/** Stores scanned images with their topmost layer and their contents. */
export function createImageStore({ read, transaction }: Engine): ImageStore {
  return {
    async record(image) {
      // Otherwise, two concurrent writes of the same image would both write its layers.
      await transaction((queries) => recordImage(queries, image), { alone: `image ${image.digest}` });
    },
    async find(digest) {
      const row = await read.get<ImageRow>(`SELECT ${IMAGE_COLUMNS} FROM image WHERE digest = ?`, [digest]);
      return row && imageOfRow(row);
    },
    async whole(digest) {
      const row = await read.get<WholeImageRow>(SELECT_WHOLE, [digest]);
      if (row === undefined) return undefined;
      const layers = await read.all<ImageLayerFacts>(SELECT_LAYERS, [row.id]);
      const { id: _, base_digest: baseDigest, commands, ...image } = row;
      return { ...imageOfRow(image), layers, baseDigest, commands: JSON.parse(commands) };
    },
    async ofReference(reference, limit) {
      return (await read.all<ImageRow>(SELECT_OF_REFERENCE, [reference, limit])).map(imageOfRow);
    },
    async current({ reference, platform, at }) {
      const row = await read.get<ImageRow>(SELECT_CURRENT, [reference, platform, at]);
      return row && imageOfRow(row);
    },
    async first({ reference, platform }) {
      const row = await read.get<ImageRow & { readonly since: number }>(SELECT_FIRST, [reference, platform]);
      if (row === undefined) return undefined;
      const { since, ...image } = row;
      return { image: imageOfRow(image), since };
    },
    async remove(digest) {
      return await transaction(async (queries) => {
        const known = await queries.get<{ id: number }>('SELECT id FROM image WHERE digest = ?', [digest]);
        if (known === undefined) return false;
        await queries.run('DELETE FROM image WHERE id = ?', [known.id]);
        await replaceNames(queries, [{ id: known.id, names: [] }]);
        await raiseRevision(queries, 'images');
        return true;
      }, ALONE_WITH_NAMES);
    },
    async topmostAmong(names) {
      return await read.all<{ layer: string; reference: string }>(SELECT_TOPMOST, [JSON.stringify(names)]);
    },
    async outdated(engineVersion, { after, limit }) {
      return (await read.all<ImageRow>(SELECT_OUTDATED, [after, ...currentVersions(engineVersion), limit])).map(
        imageOfRow,
      );
    },
  };
}

async function recordImage(queries: TransactionQueries, image: IndexedImage & ImageContents): Promise<void> {
  const recorded = await queries.get<{ id: number }>(UPSERT_IMAGE, [...imageValues(image), image.leaf]);
  if (recorded === undefined) throw new Error('an insert returned no id');
  await queries.run('DELETE FROM image_layer WHERE image = ?', [recorded.id]);
  await queries.insertMany(
    IMAGE_LAYERS,
    image.layers.map((layer, at) => [recorded.id, at, layer.digest, layer.diffId, layer.createdBy, layer.size]),
  );
  await queries.run('DELETE FROM image_chain WHERE image = ?', [recorded.id]);
  if (image.leaf !== null) await queries.run(INSERT_CHAIN, [image.leaf, recorded.id]);
  await noteReference(queries, recorded.id, image);
  await raiseRevision(queries, 'images');
}

/**
 * Records the time since which an image has its reference. If the image is scanned again under this reference, the time
 * of the first scan stays.
 */
async function noteReference(
  queries: TransactionQueries,
  id: number,
  { reference, platform, scannedAt }: IndexedImage,
): Promise<void> {
  const last = await queries.get<{ image: number }>(SELECT_LAST_OF_REFERENCE, [reference, platform]);
  if (last?.image === id) return;
  await queries.insertMany(IMAGE_REFERENCES, [[reference, platform, scannedAt, id]]);
  await queries.run(DELETE_EARLIEST_OF_REFERENCE, [reference, platform, reference, platform, MAX_IMAGES_OF_REFERENCE]);
}

export type ImageRow = Omit<IndexedImage, 'scannedAt'> & { readonly scanned_at: number };
type WholeImageRow = ImageRow & { readonly id: number } & {
  readonly base_digest: Digest | null;
  readonly commands: string;
};

/** Returns the image in a row with the columns {@link IMAGE_COLUMNS}. */
export function imageOfRow({ scanned_at: scannedAt, ...image }: ImageRow): IndexedImage {
  return { ...image, scannedAt };
}

export const IMAGE_COLUMNS =
  'image.digest, image.reference, image.target, image.platform, image.leaf, image.scanned_at';

const IMAGE_LAYERS: InsertTarget = {
  table: 'image_layer',
  columns: ['image', 'position', 'digest', 'diff_id', 'created_by', 'size'],
};

/** The times since which images have had their references, for this store and for bulk writers. */
export const IMAGE_REFERENCES: InsertTarget = {
  table: 'image_reference',
  columns: ['reference', 'platform', 'since', 'image'],
  skipExisting: true,
};

/** Parameters: a reference, a platform and a time. */
export const SELECT_CURRENT: string = `
SELECT ${IMAGE_COLUMNS}
FROM image_reference CROSS JOIN image
WHERE image_reference.reference = ? AND image_reference.platform = ? AND image_reference.since <= ?
  AND image.id = image_reference.image
ORDER BY image_reference.since DESC, image_reference.image DESC
LIMIT 1`;

export const SELECT_FIRST: string = `
SELECT ${IMAGE_COLUMNS}, image_reference.since
FROM image_reference CROSS JOIN image
WHERE image_reference.reference = ? AND image_reference.platform = ? AND image.id = image_reference.image
ORDER BY image_reference.since, image_reference.image
LIMIT 1`;

const SELECT_LAST_OF_REFERENCE = `
SELECT image FROM image_reference WHERE reference = ? AND platform = ? ORDER BY since DESC, image DESC LIMIT 1`;

/**
 * The maximum number of rows in `image_reference` for each reference and platform. An image has a further row each time
 * that the reference returns to the image.
 */
export const MAX_IMAGES_OF_REFERENCE = 1000;

const DELETE_EARLIEST_OF_REFERENCE = `
DELETE FROM image_reference
WHERE reference = ? AND platform = ? AND since < (
  SELECT since FROM image_reference WHERE reference = ? AND platform = ? ORDER BY since DESC LIMIT 1 OFFSET ? - 1
)`;

const SELECT_WHOLE = `SELECT image.id, ${IMAGE_COLUMNS}, image.base_digest, image.commands FROM image WHERE digest = ?`;

const SELECT_LAYERS = `
SELECT digest, diff_id AS "diffId", created_by AS "createdBy", size FROM image_layer WHERE image = ? ORDER BY position`;

/** Parameters: a reference and a limit. */
export const SELECT_OF_REFERENCE: string = `
SELECT ${IMAGE_COLUMNS} FROM image WHERE reference = ? ORDER BY scanned_at DESC, id DESC LIMIT ?`;

const SELECT_OUTDATED = `
SELECT ${IMAGE_COLUMNS}
FROM image CROSS JOIN layer
WHERE image.digest > ? AND layer.id = image.leaf AND layer.engine_version NOT BETWEEN ? AND ?
ORDER BY image.digest
LIMIT ?`;

/** Parameter: a JSON array of layer names. */
export const SELECT_TOPMOST = `
SELECT DISTINCT layer.name AS layer, image.reference
FROM json_each(?) AS wanted CROSS JOIN layer CROSS JOIN image
WHERE layer.name = wanted.value AND image.leaf = layer.id
ORDER BY layer.name, image.reference`;

/** The columns of an image, without its id and its layers; {@link imageValues} returns the values. */
export const IMAGES: InsertTarget = {
  table: 'image',
  columns: ['digest', 'reference', 'target', 'platform', 'leaf', 'scanned_at', 'base_digest', 'commands'],
};

/** The layers of images, for this store and for bulk writers. */
export const IMAGE_CHAINS: InsertTarget = { table: 'image_chain', columns: ['layer', 'image'] };

/** Returns the values of an image in the order of the columns of {@link IMAGES}. */
export function imageValues(image: IndexedImage & Omit<ImageContents, 'layers'>): SqlValue[] {
  const { digest, reference, target, platform, leaf, scannedAt, baseDigest, commands } = image;
  return [digest, reference, target, platform, leaf, scannedAt, baseDigest, JSON.stringify(commands)];
}

/** Recording an image again removes its counts. Parameters: {@link imageValues}, and the leaf a second time. */
const UPSERT_IMAGE = `
INSERT INTO image (${IMAGES.columns.join(', ')}, namespace)
VALUES (${IMAGES.columns.map(() => '?').join(', ')}, (SELECT layer.namespace FROM layer WHERE layer.id = ?))
ON CONFLICT (digest) DO UPDATE SET
  reference = excluded.reference, target = excluded.target, platform = excluded.platform, leaf = excluded.leaf,
  scanned_at = excluded.scanned_at, base_digest = excluded.base_digest, commands = excluded.commands,
  namespace = excluded.namespace, generation = image.generation + 1,
  is_counted = 0, counts = NULL, risk = '', findings = -1, worst = -1, is_fixable = 0, is_exploited = 0, is_incomplete = 1,
  is_fixable_high = 0, has_stale_feed = 0, has_missing_feed = 0
RETURNING id`;

/** Parameters: the id of the topmost layer, and the id of the image. */
const INSERT_CHAIN = `
INSERT INTO ${IMAGE_CHAINS.table} (${IMAGE_CHAINS.columns.join(', ')})
WITH RECURSIVE ${CHAIN}
SELECT chain.id, CAST(? AS BIGINT) FROM chain`;
