import type { Advisory } from '../../../model/advisories/advisory.ts';
import type { Change } from '../../../model/feed.ts';
import type { ChangeLogStore, FormerAdvisory, LoggedChange } from '../../contracts/change-log.ts';
import type { Engine, Queries } from '../../engines/engine.ts';
import { countChanges, countRecent, listChanges, readFirstImports } from './listed-changes.ts';
import { readWholeSince } from './removed-changes.ts';
import { findStoredVulnerability, readRatedAdvisory } from '../vulnerabilities/stored-vulnerabilities.ts';

/** Reads the change log; each transaction that changes advisories also writes the log (`LOGGED_CHANGES`). */
export function createChangeLogStore({ read }: Engine): ChangeLogStore {
  return {
    async read({ after, limit }) {
      return (await read.all<ChangeRow>(SELECT_CHANGES, [after, limit])).map(changeOfRow);
    },
    async latest({ before, limit }) {
      return (await read.all<{ id: number }>(SELECT_LATEST, [before, limit])).map(({ id }) => id);
    },
    list: (page) => listChanges(read, page),
    total: (filters, maxLooked) => countChanges(read, filters, maxLooked),
    firstImports: (since) => readFirstImports(read, since),
    recent: (since) => countRecent(read, since),
    async find(id) {
      const row = await read.get<ChangeRow>(SELECT_CHANGE, [id]);
      return row && { ...changeOfRow(row), after: await advisoryAfter(read, row) };
    },
    wholeSince: () => readWholeSince(read),
    async former({ after, below = LAST, namespaces, limit }) {
      const marks = JSON.stringify(namespaces.map(namespaceMark));
      const rows = await read.all<FormerRow>(SELECT_FORMER, [marks, after, below.at, below.id, limit]);
      return rows.map(({ before, ...row }) => ({ ...row, advisory: advisoryOf(before) }));
    },
    async histories({ names, after }) {
      const wanted = JSON.stringify(names.map(({ feed, name }) => [feed, name]));
      return (await read.all<ChangeRow>(SELECT_HISTORIES, [wanted, after])).map(changeOfRow);
    },
    async previous({ feed, name }, below) {
      const row = await read.get<Pick<ChangeRow, 'id' | 'before'>>(SELECT_PREVIOUS, [feed, name, below]);
      return row && { id: row.id, before: advisoryOf(row.before) };
    },
  };
}

/** Sorts after all changes. */
const LAST = { at: Number.MAX_SAFE_INTEGER, id: 0 };

/**
 * Returns the text by which an advisory that is stored as JSON names a namespace. A description that contains the same
 * text only causes a false positive.
 */
function namespaceMark(namespace: string): string {
  return `"namespace":${JSON.stringify(namespace)}`;
}

type FormerRow = Omit<FormerAdvisory, 'advisory'> & { readonly before: string | null };

type ChangeRow = Omit<Change, 'isInitial'> & {
  readonly before: string | null;
  readonly initial: 0 | 1;
  readonly feed_update: number | null;
};

/**
 * Returns the advisory before the next change to the same advisory or, if there is no next change, the stored advisory.
 * Reads the stored advisory first, so that a change in the meantime is found as the next change.
 */
async function advisoryAfter(read: Queries, { id, feed, name }: ChangeRow): Promise<Advisory | null> {
  const stored = await findStoredVulnerability(read, feed, name);
  const advisory = stored && (await readRatedAdvisory(read, stored.id));
  const next = await read.get<{ before: string | null }>(SELECT_NEXT, [feed, name, id]);
  return next === undefined ? (advisory ?? null) : advisoryOf(next.before);
}

function changeOfRow({ before, initial, feed_update: update, ...change }: ChangeRow): LoggedChange {
  return { ...change, update, isInitial: initial === 1, before: advisoryOf(before) };
}

function advisoryOf(text: string | null): Advisory | null {
  return text === null ? null : JSON.parse(text);
}

const SELECT_CHANGES = `
SELECT id, feed, name, kind, before, at, initial, feed_update FROM change_log WHERE id > ? ORDER BY id LIMIT ?`;

const SELECT_LATEST = 'SELECT id FROM change_log WHERE id < ? ORDER BY id DESC LIMIT ?';

const SELECT_CHANGE = 'SELECT id, feed, name, kind, before, at, initial, feed_update FROM change_log WHERE id = ?';

const SELECT_NEXT = `
SELECT before FROM change_log WHERE feed = ? AND name = ? AND id > ? ORDER BY id LIMIT 1`;

const SELECT_PREVIOUS = `
SELECT id, before FROM change_log WHERE feed = ? AND name = ? AND id < ? ORDER BY id DESC LIMIT 1`;

/**
 * Parameters: the texts of {@link namespaceMark} as a JSON list, the time to start after, the time and the id to end
 * before, and the limit.
 */
export const SELECT_FORMER = `
SELECT
  id, feed, name, at,
  CASE WHEN EXISTS (SELECT 1 FROM json_each(?) AS wanted WHERE instr(before, wanted.value) > 0) THEN before END AS before
FROM change_log
WHERE before IS NOT NULL AND at > ? AND (at, id) < (?, ?)
ORDER BY at DESC, id DESC
LIMIT ?`;

/** Parameters: pairs of feed and name as a JSON list, and a time. */
export const SELECT_HISTORIES = `
SELECT
  change_log.id, change_log.feed, change_log.name, change_log.kind, change_log.before, change_log.at, change_log.initial, change_log.feed_update
FROM json_each(?) AS wanted CROSS JOIN change_log
WHERE change_log.feed = wanted.value ->> 0 AND change_log.name = wanted.value ->> 1 AND change_log.at > ?
ORDER BY change_log.feed, change_log.name, change_log.id`;
