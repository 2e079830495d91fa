import type { SourceState } from '../../../model/source.ts';
import { changesCounts, raiseRevision } from '../images/data-revision.ts';
import type { Engine, Queries, SqlValue } from '../../engines/engine.ts';
import type { SourceStore } from '../../contracts/sources.ts';

/** What is known of each source; its successful updates are written together with its data (source-update.ts). */
export function createSourceStore({ read, transaction, clock }: Engine): SourceStore {
  /** Writes to the state of a source, which may put the counts of images out of date. */
  async function write(source: string, at: number, statement: string, values: readonly SqlValue[]): Promise<void> {
    await transaction(
      async (queries) => {
        const before = await readSource(queries, source);
        await queries.run(statement, values);
        if (changesCounts(before, await readSource(queries, source), at)) await raiseRevision(queries, 'data');
      },
      // What is compared must not change in between.
      { alone: `source ${source}` },
    );
  }

  return {
    async all() {
      return await readSources(read);
    },
    find: (source) => readSource(read, source),
    recordUnchanged: (source, at) => write(source, at, UPDATE_UNCHANGED, [at, at, source]),
    recordFailure: (source, at, error, { isRefused = false } = {}) =>
      write(source, at, UPSERT_FAILURE, [source, at, error, isRefused ? error : null]),
    // What it is already is not written, so that the database keeps its version.
    setStaleAfter: (source, staleAfter) =>
      write(source, clock.now(), UPDATE_STALE_AFTER, [staleAfter, source, staleAfter]),
    async covering(namespace) {
      const rows = await read.all<{ source: string }>(
        'SELECT source FROM source_namespace WHERE namespace = ? ORDER BY source',
        [namespace],
      );
      return rows.map(({ source }) => source);
    },
  };
}

/** Every source that was ever tried, by name. */
export async function readSources(queries: Queries): Promise<readonly SourceState[]> {
  return (await queries.all<SourceRow>(`${SELECT_SOURCES} ORDER BY source`)).map(stateOfRow);
}

/** The state of one source; undefined for one that was never tried. */
export async function readSource(queries: Queries, source: string): Promise<SourceState | undefined> {
  const row = await queries.get<SourceRow>(`${SELECT_SOURCES} WHERE source = ?`, [source]);
  return row && stateOfRow(row);
}

type SourceRow = {
  readonly source: string;
  readonly fetcher_version: number | null;
  readonly last_attempt: number;
  readonly last_success: number | null;
  readonly error: string | null;
  readonly refused: string | null;
  readonly etag: string | null;
  readonly last_modified: string | null;
  readonly vulnerabilities: number;
  readonly unclear_count: number;
  readonly skipped_count: number;
  readonly unclear: string;
  readonly stale_after: number | null;
};

const SELECT_SOURCES = `
SELECT source, fetcher_version, last_attempt, last_success, error, refused, etag, last_modified, vulnerabilities,
  unclear_count, skipped_count, unclear, stale_after
FROM source_state`;

const UPDATE_UNCHANGED =
  'UPDATE source_state SET last_attempt = ?, last_success = ?, error = NULL, refused = NULL WHERE source = ?';

const UPDATE_STALE_AFTER =
  'UPDATE source_state SET stale_after = ? WHERE source = ? AND stale_after IS DISTINCT FROM ?';

const UPSERT_FAILURE = `
INSERT INTO source_state (source, last_attempt, error, refused, vulnerabilities, unclear_count, skipped_count, unclear)
VALUES (?, ?, ?, ?, 0, 0, 0, '[]')
ON CONFLICT (source) DO UPDATE SET
  last_attempt = excluded.last_attempt,
  error = excluded.error,
  refused = COALESCE(excluded.refused, source_state.refused)`;

function stateOfRow(row: SourceRow): SourceState {
  return {
    source: row.source,
    fetcherVersion: row.fetcher_version,
    lastAttempt: row.last_attempt,
    lastSuccess: row.last_success,
    error: row.error,
    refused: row.refused,
    etag: row.etag,
    lastModified: row.last_modified,
    vulnerabilities: row.vulnerabilities,
    unclear: { count: row.unclear_count, skipped: row.skipped_count, examples: JSON.parse(row.unclear) },
    staleAfter: row.stale_after,
  };
}
