import { dayOf } from '../../../model/time/day.ts';
import { notePositions, noteRemovedChanges } from '../change-log/removed-changes.ts';
import { raiseRevision } from '../images/data-revision.ts';
import { DELETE_UPDATES, type PartsEngine, removeUpdateParts } from './update-parts.ts';
import type { TransactionQueries } from '../../engines/engine.ts';
import type { ObsoleteKind, RetentionBounds } from '../../contracts/retention.ts';

/**
 * The statements for a kind of obsolete rows. The parameter of each statement is a JSON list of ids or, for layer
 * contents, of keys.
 */
export type ObsoleteRows = {
  /** The number of rows per transaction; lower for rows with many dependent rows. */
  readonly perTurn: number;
  readonly names: string;
  /** Removes dependent rows in separate transactions, before `remove`. */
  readonly removeParts?: (
    engine: PartsEngine,
    rows: string,
    bounds: RetentionBounds,
    signal?: AbortSignal,
  ) => Promise<void>;
  /** Removes only rows that are still obsolete. */
  readonly remove: (queries: TransactionQueries, rows: string, bounds: RetentionBounds) => Promise<number>;
};

/**
 * The statements for each kind. Each removal checks again whether rows are in use. Layers, programs, features, version
 * lines and namespaces that other transactions lock stay until the next run, because the transactions may be about to
 * use these rows.
 */
export const OBSOLETE_ROWS: Readonly<Record<ObsoleteKind, ObsoleteRows>> = {
  image: {
    perTurn: 500,
    names:
      "SELECT digest || ' ' || reference AS name FROM image WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each(?)) ORDER BY id",
    remove: async (queries, rows, { images }) => {
      const removed = await queries.run(DELETE_IMAGES, [rows, images ?? 0]);
      if (removed > 0) await raiseRevision(queries, 'images');
      return removed;
    },
  },
  layer: {
    perTurn: 20,
    names: 'SELECT name FROM layer WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each(?)) ORDER BY id',
    remove: async (queries, rows, { layers = 0 }) =>
      queries.run(DELETE_LAYERS, [await unusedOf(queries, 'layer', rows), layers, dayOf(layers)]),
  },
  layer_contents: {
    perTurn: 100,
    names: 'SELECT value ->> 0 AS name FROM json_each(?)',
    remove: async (queries, rows) => {
      const removed = await queries.run(DELETE_CONTENTS, [rows]);
      await queries.run(DELETE_BLOBS, [rows]);
      return removed;
    },
  },
  notification: {
    perTurn: 500,
    names: 'SELECT name FROM notification WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each(?)) ORDER BY id',
    remove: (queries, rows, { notifications }) => queries.run(DELETE_NOTIFICATIONS, [rows, notifications ?? 0]),
  },
  update_notification: {
    perTurn: 1,
    names: `
SELECT name FROM update_notification WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each(?)) ORDER BY id`,
    removeParts: removeUpdateParts,
    remove: (queries, rows, { notifications }) => queries.run(DELETE_UPDATES, [rows, notifications ?? 0]),
  },
  change_log: {
    perTurn: 200,
    names: `
SELECT feed || ' ' || name || ' ' || kind AS name FROM change_log
WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each(?)) ORDER BY id`,
    remove: removeChanges,
  },
  program: {
    perTurn: 500,
    names: `
SELECT 'a program for ' || os || ' on ' || arch AS name FROM program
WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each(?)) ORDER BY id`,
    remove: async (queries, rows) => queries.run(DELETE_PROGRAMS, [await unusedOf(queries, 'program', rows)]),
  },
  feature: {
    perTurn: 500,
    names: `
SELECT name || ' ' || version || COALESCE(' ' || arch, '') AS name FROM feature
WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each(?)) ORDER BY id`,
    remove: removeFeatures,
  },
  line: {
    perTurn: 500,
    names: `
SELECT namespace.name || ' ' || line.name AS name FROM json_each(?) AS wanted CROSS JOIN line CROSS JOIN namespace
WHERE line.id = CAST(wanted.value AS BIGINT) AND namespace.id = line.namespace ORDER BY line.id`,
    remove: async (queries, rows) => queries.run(DELETE_LINES, [await unusedOf(queries, 'line', rows)]),
  },
  namespace: {
    perTurn: 500,
    names: 'SELECT name FROM namespace WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each(?)) ORDER BY id',
    remove: async (queries, rows) => queries.run(DELETE_NAMESPACES, [await unusedOf(queries, 'namespace', rows)]),
  },
};

/** Removes changes, and records in the same transaction that the log is shorter. */
async function removeChanges(
  queries: TransactionQueries,
  rows: string,
  { changeLog = 0 }: RetentionBounds,
): Promise<number> {
  const { updates, last } = await notePositions(queries, rows, changeLog);
  const removed = await queries.run(DELETE_CHANGES, [rows, changeLog]);
  if (removed > 0) {
    await queries.run(DELETE_FEED_UPDATES, [JSON.stringify(updates)]);
    await noteRemovedChanges(queries, changeLog, last);
  }
  return removed;
}

/** Removes features with their points, which are in another table. */
async function removeFeatures(queries: TransactionQueries, rows: string): Promise<number> {
  const unused = JSON.stringify(
    (await queries.all<{ id: number }>(SELECT_UNUSED_FEATURES, [await unusedOf(queries, 'feature', rows)])).map(
      ({ id }) => id,
    ),
  );
  await queries.run(DELETE_POINTS, [unused]);
  return await queries.run(DELETE_FEATURES, [unused]);
}

/**
 * Locks and returns the rows without new references, as a JSON list. The caller must check again, under the lock, that
 * the rows are unused.
 */
async function unusedOf(queries: TransactionQueries, table: string, rows: string): Promise<string> {
  return JSON.stringify(await queries.lockUnused(table, JSON.parse(rows)));
}

export const DELETE_IMAGES = `
DELETE FROM image WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each(?)) AND scanned_at < ?`;

/**
 * The changes, owners, programs and statements of a layer are removed with the layer (ON DELETE CASCADE). A layer with
 * a child layer or an image stays, because the cascade would also remove the child layer or the image.
 */
export const DELETE_LAYERS = `
DELETE FROM layer
WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each(?))
  AND created_at < ?
  AND last_used_on < ?
  AND NOT EXISTS (SELECT 1 FROM layer AS above WHERE above.parent = layer.id)
  AND NOT EXISTS (SELECT 1 FROM image WHERE image.leaf = layer.id)`;

export const DELETE_CONTENTS = `
DELETE FROM layer_contents
WHERE (digest, engine_version) IN (SELECT value ->> 0, CAST(value ->> 1 AS INTEGER) FROM json_each(?))
  AND NOT EXISTS (
    SELECT 1 FROM layer
    WHERE layer.digest = layer_contents.digest AND layer.engine_version = layer_contents.engine_version
  )`;

/** Removes the blobs of removed contents, unless another engine version has contents of the same layer. */
export const DELETE_BLOBS = `
DELETE FROM blob
WHERE diff_id IN (SELECT value ->> 0 FROM json_each(?))
  AND NOT EXISTS (SELECT 1 FROM layer_contents WHERE layer_contents.digest = blob.diff_id)`;

export const DELETE_NOTIFICATIONS = `
DELETE FROM notification
WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each(?)) AND COALESCE(read_at, dead_at) < ?`;

/** Removes the given updates if no change refers to them; keeps the newest update of each feed. */
const DELETE_FEED_UPDATES = `
DELETE FROM feed_update
WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each(?))
  AND NOT EXISTS (SELECT 1 FROM change_log WHERE change_log.feed_update = feed_update.id)
  AND EXISTS (
    SELECT 1 FROM feed_update AS newer
    WHERE newer.feed = feed_update.feed
      AND (
        newer.last_change > feed_update.last_change
        OR EXISTS (SELECT 1 FROM change_log WHERE change_log.feed_update = newer.id)
      )
  )`;

/**
 * Keeps changes with a notification, and changes that contain the advisory as an earlier change with a notification
 * left it.
 */
export const DELETE_CHANGES = `
DELETE FROM change_log
WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each(?))
  AND at < ?
  AND NOT EXISTS (
    SELECT 1
    FROM change_log AS earlier CROSS JOIN notification
    WHERE earlier.feed = change_log.feed
      AND earlier.name = change_log.name
      AND earlier.id <= change_log.id
      AND notification.change = earlier.id
  )`;

export const DELETE_PROGRAMS = `
DELETE FROM program
WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each(?))
  AND NOT EXISTS (SELECT 1 FROM layer_program WHERE layer_program.program = program.id)`;

export const SELECT_UNUSED_FEATURES = `
SELECT id FROM feature
WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each(?))
  AND NOT EXISTS (SELECT 1 FROM layer_feature WHERE layer_feature.feature = feature.id)`;

export const DELETE_POINTS =
  'DELETE FROM feature_point WHERE feature IN (SELECT CAST(value AS BIGINT) FROM json_each(?))';
export const DELETE_FEATURES = 'DELETE FROM feature WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each(?))';

export const DELETE_LINES = `
DELETE FROM line
WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each(?))
  AND NOT EXISTS (SELECT 1 FROM affected WHERE affected.line = line.id)
  AND NOT EXISTS (SELECT 1 FROM feature WHERE feature.line = line.id)
  AND NOT EXISTS (SELECT 1 FROM feature_point WHERE feature_point.line = line.id)`;

export const DELETE_NAMESPACES = `
DELETE FROM namespace
WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each(?))
  AND NOT EXISTS (SELECT 1 FROM line WHERE line.namespace = namespace.id)`;
