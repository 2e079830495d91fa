import { randomUUID } from 'node:crypto';
import type { Revisions } from '../../contracts/image-counts.ts';
import { freshUntil, isStale, type FeedState } from '../../../model/feed.ts';
import type { Queries } from '../../engines/engine.ts';

/**
 * Increments a revision in the transaction that changes the data. Must be called at the end of the transaction, because
 * on PostgreSQL other updates wait for the row of the revision until the commit.
 */
export async function raiseRevision(queries: Queries, of: keyof typeof FLAGS): Promise<void> {
  if (of === 'data' && queries.mayLoseCommits === true) await queries.write(RAISE_AND_STAMP, [FLAGS[of], randomUUID()]);
  else await queries.write(RAISE, [FLAGS[of]]);
}

/** The name of the flag with a random value that changes with the data revision. */
const STAMP = 'data/stamp';

/**
 * An SQL expression for the state of the data of feeds, as a text. Two snapshots with the same text have the same
 * advisories, severities, namespaces of feeds and products of repositories, because each transaction that changes this
 * data raises the revision. A search for the files of a rule adds rows to stored layers without raising the revision,
 * and raises the revision when it finishes. After a standby without the last changes has replaced the server, different
 * changes can have the same revision (`Queries.mayLoseCommits`), but they have different stamps.
 */
export const DATA_STATE: string = `(
  COALESCE((SELECT value FROM flag WHERE name = 'data/revision'), '') || ' ' ||
  COALESCE((SELECT value FROM flag WHERE name = '${STAMP}'), '')
)`;

/**
 * Reads the revisions; 0 before the first change. Callers must read the revisions before the data, so that counts of
 * newer data become stale.
 */
export async function readRevisions(queries: Queries): Promise<Revisions> {
  const rows = await queries.all<{ name: string; value: string }>(SELECT_REVISIONS, Object.values(FLAGS));
  const numberOf = (name: string): number => Number(rows.find((row) => row.name === name)?.value ?? 0);
  return { data: numberOf(FLAGS.data), images: numberOf(FLAGS.images), rules: numberOf(FLAGS.rules) };
}

/**
 * Reads the revision of the ignore rules; 0 before the first change. Callers must read the revision before the rules.
 */
export async function readIgnoreRuleRevision(queries: Queries): Promise<number> {
  // Do not use `get`: for a missing row, every report would repeat the query on the primary.
  const [row] = await queries.all<{ value: string }>(SELECT_REVISION, [FLAGS.rules]);
  return Number(row?.value ?? 0);
}

/**
 * Returns whether a change to a feed state affects stored counts. A later success for fresh data does not affect
 * counts; the counts only stay valid longer than their mark states.
 *
 * @param at milliseconds since 1970
 */
export function changesCounts(before: FeedState | undefined, after: FeedState | undefined, at: number): boolean {
  if (before === undefined || after === undefined) return before !== after;
  return (
    (before.lastSuccess === null) !== (after.lastSuccess === null) ||
    (before.refused === null) !== (after.refused === null) ||
    (before.recordDiagnostics.skipped ?? before.recordDiagnostics.count) !==
      (after.recordDiagnostics.skipped ?? after.recordDiagnostics.count) ||
    freshUntil(after) < freshUntil(before) ||
    // An instance whose clock is ahead may have counted the data as stale.
    (freshUntil(after) !== freshUntil(before) && isStale(before, at + CLOCK_MARGIN_MS))
  );
}

/** The maximum difference between the clock of an instance and the database clock. */
const CLOCK_MARGIN_MS = 10 * 60_000;

const FLAGS: Readonly<Record<keyof Revisions, string>> = {
  data: 'data/revision',
  images: 'images/revision',
  rules: 'ignore-rules/revision',
};

const RAISE = `
INSERT INTO flag (name, value) VALUES (?, '1')
ON CONFLICT (name) DO UPDATE SET value = CAST(CAST(flag.value AS BIGINT) + 1 AS TEXT)`;

const RAISE_AND_STAMP = `
INSERT INTO flag (name, value) VALUES (?, '1'), ('${STAMP}', ?)
ON CONFLICT (name) DO UPDATE SET value = CASE
  WHEN flag.name = '${STAMP}' THEN excluded.value
  ELSE CAST(CAST(flag.value AS BIGINT) + 1 AS TEXT)
END`;

const SELECT_REVISIONS = 'SELECT name, value FROM flag WHERE name IN (?, ?, ?)';

const SELECT_REVISION = 'SELECT value FROM flag WHERE name = ?';
