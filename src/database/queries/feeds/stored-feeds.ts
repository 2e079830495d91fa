import type { FeedState } from '../../../model/feed.ts';
import type { Queries } from '../../engines/engine.ts';
import { storedExamples } from './feed-state-row.ts';

/** Returns the states of all feeds with at least one attempted update, by name. */
export async function readFeeds(queries: Queries): Promise<readonly FeedState[]> {
  return (await queries.all<FeedRow>(`${SELECT_FEEDS} ORDER BY feed`)).map(stateOfRow);
}

/** Returns the state of a feed; undefined if no update of the feed was ever attempted. */
export async function readFeed(queries: Queries, feed: string): Promise<FeedState | undefined> {
  const row = await queries.get<FeedRow>(`${SELECT_FEEDS} WHERE feed = ?`, [feed]);
  return row && stateOfRow(row);
}

/** A row of the table `feed_state`, with the columns {@link FEED_COLUMNS}. */
export type FeedRow = {
  readonly feed: string;
  readonly fetcher_version: number | null;
  readonly last_attempt: number;
  readonly last_success: number | null;
  readonly error: string | null;
  readonly refused: string | null;
  readonly etag: string | null;
  readonly last_modified: string | null;
  readonly vulnerabilities: number;
  readonly diagnostic_count: number;
  readonly skipped_count: number;
  readonly diagnostics: string;
  readonly stale_after: number | null;
};

/** The columns to select for {@link stateOfRow}. */
export const FEED_COLUMNS = `
  feed, fetcher_version, last_attempt, last_success, error, refused, etag, last_modified, vulnerabilities,
  diagnostic_count, skipped_count, diagnostics, stale_after`;

const SELECT_FEEDS = `SELECT ${FEED_COLUMNS} FROM feed_state`;

/** Returns the state of the feed in a row. */
export function stateOfRow(row: FeedRow): FeedState {
  return {
    feed: row.feed,
    fetcherVersion: row.fetcher_version,
    lastAttempt: row.last_attempt,
    lastSuccess: row.last_success,
    error: row.error,
    refused: row.refused,
    etag: row.etag,
    lastModified: row.last_modified,
    vulnerabilities: row.vulnerabilities,
    recordDiagnostics: {
      count: row.diagnostic_count,
      skipped: row.skipped_count,
      examples: storedExamples(row.diagnostics),
    },
    staleAfter: row.stale_after,
  };
}
