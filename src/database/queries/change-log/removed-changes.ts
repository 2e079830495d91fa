import type { Queries } from '../../engines/engine.ts';
import { POSITION } from './update-positions.ts';

/**
 * Records the positions of the updates whose changes a transaction is about to remove. Returns these updates and, for
 * each feed, the highest id of these changes.
 *
 * @param changes the ids of changes as a JSON list
 * @param before milliseconds since 1970; changes from this time on stay
 */
export async function notePositions(
  queries: Queries,
  changes: string,
  before: number,
): Promise<{ readonly updates: readonly number[]; readonly last: ReadonlyMap<string, number> }> {
  const updates = (await queries.all<{ id: number }>(SELECT_UPDATES_OF_CHANGES, [changes])).map(({ id }) => id);
  await queries.run(NOTE_POSITIONS, [JSON.stringify(updates)]);
  const rows = await queries.all<{ feed: string; last: number }>(SELECT_LAST, [changes, before]);
  return { updates, last: new Map(rows.map(({ feed, last }) => [feed, last])) };
}

/**
 * Records the time before which changes may be missing and, for each feed, the id up to which changes may be missing.
 * Runs in the transaction that removes the changes. Because of the ids, the updates of a feed that rarely changes still
 * count as complete.
 */
export async function noteRemovedChanges(
  queries: Queries,
  before: number,
  last: ReadonlyMap<string, number>,
): Promise<void> {
  await queries.run(UPSERT_LATER, [WHOLE_SINCE, `${before}`]);
  for (const [feed, id] of last) await queries.run(UPSERT_LATER, [removedFlag(feed), `${id}`]);
}

/** Returns the time since which the log is complete; undefined if no change was removed. */
export async function readWholeSince(read: Queries): Promise<number | undefined> {
  return await readFlag(read, WHOLE_SINCE);
}

/** Returns the id of the last removed change of a feed; 0 if no change was removed. */
export async function readLastRemoved(read: Queries, feed: string): Promise<number> {
  return (await readFlag(read, removedFlag(feed))) ?? 0;
}

async function readFlag(read: Queries, name: string): Promise<number | undefined> {
  const row = await read.get<{ value: string }>('SELECT value FROM flag WHERE name = ?', [name]);
  return row && Number(row.value);
}

const WHOLE_SINCE = 'change-log/whole-since';

function removedFlag(feed: string): string {
  return `change-log/removed/${feed}`;
}

const SELECT_UPDATES_OF_CHANGES = `
SELECT DISTINCT feed_update AS id FROM change_log
WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each(?)) AND feed_update IS NOT NULL`;

const NOTE_POSITIONS = `
UPDATE feed_update SET last_change = ${POSITION} WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each(?))`;

const SELECT_LAST = `
SELECT feed, MAX(id) AS last FROM change_log
WHERE id IN (SELECT CAST(value AS BIGINT) FROM json_each(?)) AND at < ?
GROUP BY feed`;

/** Stores a number if it is higher than the stored number. */
const UPSERT_LATER = `
INSERT INTO flag (name, value) VALUES (?, ?)
ON CONFLICT (name) DO UPDATE SET value = excluded.value
WHERE CAST(flag.value AS BIGINT) < CAST(excluded.value AS BIGINT)`;
