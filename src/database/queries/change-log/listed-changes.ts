import { setImmediate } from 'node:timers/promises';
import type { Change } from '../../../model/feed.ts';
import type { ChangeFilters, ChangeLogStore, FirstImport, RecentChanges } from '../../contracts/change-log.ts';
import type { Queries, SqlValue } from '../../engines/engine.ts';
import { isThere } from '../affected/introducing-layers.ts';

type ListPage = Parameters<ChangeLogStore['list']>[0];

/** Returns a page of the changes that match the filters, newest first, as {@link ChangeLogStore.list} describes. */
export async function listChanges(
  read: Queries,
  { filters, before, limit, maxLooked }: ListPage,
): Promise<{ readonly ids: readonly number[]; readonly next: number | undefined }> {
  const ids: number[] = [];
  let last = before;
  for (let looked = 0; looked < maxLooked; looked += LOOKED_AT_ONCE) {
    const size = Math.min(LOOKED_AT_ONCE, maxLooked - looked);
    const { sql, values } = matching(filters, 'page.id', { before: last, size });
    const wanted = limit + 1 - ids.length;
    const found = await read.all<{ id: number }>(`${sql} ORDER BY page.id DESC LIMIT ?`, [...values, wanted]);
    ids.push(...found.map(({ id }) => id));
    // The extra change shows that there is a next page; the change belongs to the next page.
    if (ids.length > limit) return { ids: ids.slice(0, limit), next: ids[limit - 1] };
    const end = await endOf(read, filters, { before: last, size });
    if (end === undefined) return { ids, next: undefined };
    last = end;
    // SQLite runs in this thread, so let other work of the thread run between the statements.
    await setImmediate();
  }
  return { ids, next: last };
}

/** Counts the changes that match the filters, as {@link ChangeLogStore.total} describes. */
export async function countChanges(
  read: Queries,
  filters: ChangeFilters,
  maxLooked: number,
): Promise<number | undefined> {
  let total = 0;
  let last = Number.MAX_SAFE_INTEGER;
  for (let looked = 0; looked < maxLooked; looked += LOOKED_AT_ONCE) {
    const page = { before: last, size: Math.min(LOOKED_AT_ONCE, maxLooked - looked) };
    const { sql, values } = matching(filters, 'COUNT(*) AS count', page);
    total += (await read.get<{ count: number }>(sql, values))?.count ?? 0;
    const end = await endOf(read, filters, page);
    if (end === undefined) return total;
    last = end;
    await setImmediate();
  }
  const isWhole = (await endOf(read, filters, { before: last, size: 1 })) === undefined;
  return isWhole ? total : undefined;
}

/** Counts the newest changes by kind, as {@link ChangeLogStore.recent} describes. */
export async function countRecent(read: Queries, since: number): Promise<RecentChanges> {
  const rows = await read.all<{ kind: Change['kind']; count: number }>(COUNT_RECENT, [
    Number.MAX_SAFE_INTEGER,
    MAX_RECENT,
    since,
  ]);
  const numberOf = (kind: Change['kind']): number => rows.find((row) => row.kind === kind)?.count ?? 0;
  const older = await read.get<{ at: number }>(SELECT_END, [Number.MAX_SAFE_INTEGER, MAX_RECENT]);
  return {
    kinds: { added: numberOf('added'), changed: numberOf('changed'), withdrawn: numberOf('withdrawn') },
    isWhole: older === undefined || older.at < since,
  };
}

/** Returns the first imports of feeds, as {@link ChangeLogStore.firstImports} describes. */
export async function readFirstImports(read: Queries, since: number): Promise<readonly FirstImport[]> {
  const updates = await read.all<{ id: number; feed: string; at: number }>(SELECT_FIRST_UPDATES, [since]);
  const imports: FirstImport[] = [];
  for (const { id, feed, at } of updates) {
    const { count = 0 } = (await read.get<{ count: number }>(COUNT_OF_UPDATE, [id, MAX_RECENT + 1])) ?? {};
    imports.push({ feed, at, changes: Math.min(count, MAX_RECENT), isWhole: count <= MAX_RECENT });
  }
  return imports.toSorted((one, other) => other.at - one.at);
}

/** The number of changes that a statement examines. */
const LOOKED_AT_ONCE = 5000;

/** The maximum number of changes that the counts of recent changes and first imports examine. */
const MAX_RECENT = 20_000;

/**
 * The maximum difference, in milliseconds, between the order of the ids and the order of the times. Ids have the order
 * of commits, but the time of a change is the start of its update.
 */
const MAX_DISORDER_MS = 86_400_000;

type LookedPage = { readonly before: number; readonly size: number };

/** Returns a query for the matching changes among the newest `size` changes below an id. */
function matching(
  { since, isLater, inImages }: ChangeFilters,
  columns: string,
  { before, size }: LookedPage,
): { readonly sql: string; readonly values: readonly SqlValue[] } {
  const conditions = [...(since === undefined ? [] : ['page.at >= ?']), ...(inImages === true ? [IS_IN_IMAGES] : [])];
  const looked = `SELECT id, at${inImages === true ? ', name' : ''} FROM change_log WHERE id < ?${onlyLater(isLater)} ORDER BY id DESC LIMIT ?`;
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  return {
    sql: `SELECT ${columns} FROM (${looked}) AS page${where}`,
    values: [before, size, ...(since === undefined ? [] : [since])],
  };
}

function onlyLater(isLater: ChangeFilters['isLater']): string {
  return isLater === true ? ' AND initial = 0' : '';
}

/** UPPER returns the same key as `keyOf`, because IDs of advisories are ASCII. */
const IS_IN_IMAGES = isThere(
  `SELECT 1 FROM found_name WHERE found_name.key = 'v ' || UPPER(page.name) AND found_name.images > 0`,
);

/** Returns the id to continue below after a page; undefined if no older change can match. */
async function endOf(
  read: Queries,
  { since, isLater }: ChangeFilters,
  { before, size }: LookedPage,
): Promise<number | undefined> {
  const statement = isLater === true ? SELECT_END : SELECT_END_OF_ALL;
  const end = await read.get<{ id: number; at: number }>(statement, [before, size - 1]);
  return end === undefined || (since !== undefined && end.at < since - MAX_DISORDER_MS) ? undefined : end.id;
}

/** Parameters: the id to start below, and the number of changes to skip. */
const SELECT_END_OF_ALL = 'SELECT id, at FROM change_log WHERE id < ? ORDER BY id DESC LIMIT 1 OFFSET ?';

/** Parameters as in {@link SELECT_END_OF_ALL}. */
const SELECT_END = 'SELECT id, at FROM change_log WHERE id < ? AND initial = 0 ORDER BY id DESC LIMIT 1 OFFSET ?';

/** Parameters: the id to start below, the number of changes to examine, and the time to start at. */
const COUNT_RECENT = `
SELECT change_log.kind, COUNT(*) AS count
FROM (SELECT id FROM change_log WHERE id < ? AND initial = 0 ORDER BY id DESC LIMIT ?) AS page CROSS JOIN change_log
WHERE change_log.id = page.id AND change_log.at >= ?
GROUP BY change_log.kind`;

/**
 * Parameter: the time to start at. The recursion skips from feed to feed in the index, because a feed may have
 * thousands of updates.
 */
const SELECT_FIRST_UPDATES = `
WITH RECURSIVE named (feed) AS (
  SELECT MIN(feed) FROM feed_update
  UNION ALL
  SELECT (SELECT MIN(next.feed) FROM feed_update AS next WHERE next.feed > named.feed)
  FROM named WHERE named.feed IS NOT NULL
),
first (id) AS MATERIALIZED (
  SELECT (SELECT own.id FROM feed_update AS own WHERE own.feed = named.feed ORDER BY own.id LIMIT 1)
  FROM named WHERE named.feed IS NOT NULL
)
SELECT feed_update.id, feed_update.feed, feed_update.at
FROM first CROSS JOIN feed_update
WHERE feed_update.id = first.id AND feed_update.at >= ? AND (
  SELECT change_log.initial FROM change_log WHERE change_log.feed_update = feed_update.id ORDER BY change_log.id LIMIT 1
) = 1`;

/** Parameters: the id of the update, and the number of changes to count. */
const COUNT_OF_UPDATE = `
SELECT COUNT(*) AS count FROM (SELECT 1 FROM change_log WHERE feed_update = ? ORDER BY id LIMIT ?) AS counted`;
