import type { FeedState } from '../../../model/feed.ts';
import type { Queries } from '../../engines/engine.ts';
import { FEED_COLUMNS, type FeedRow, stateOfRow } from '../feeds/stored-feeds.ts';

/** The states of all feeds at one value of {@link FEEDS_STATE}; `feeds` is undefined before the first read. */
export type FeedCache = { state: string; feeds: readonly FeedState[] | undefined };

/**
 * An SQL expression for the state of the table `feed_state`, as a text, on PostgreSQL. Each write of a row changes its
 * `xmin`, the transaction that wrote the row. After a standby without the last changes has replaced the server, another
 * transaction can have the same number, but not at the same time. Only the maximum age is written without the time.
 */
export const FEEDS_STATE: string = `(
  SELECT string_agg(CAST(xmin AS TEXT) || ' ' || last_attempt || ' ' || COALESCE(stale_after, -1), ',' ORDER BY feed)
  FROM feed_state
)`;

/** Creates an empty cache. */
export function createFeedCache(): FeedCache {
  return { state: '', feeds: undefined };
}

/**
 * Returns the states of all feeds with at least one attempted update, by name. Reads the states if they have changed.
 *
 * @param state the value of {@link FEEDS_STATE} that the report has read
 */
export async function cachedFeeds(read: Queries, cache: FeedCache, state: string): Promise<readonly FeedState[]> {
  if (cache.feeds !== undefined && cache.state === state) return cache.feeds;
  const rows = await read.all<FeedRow & { readonly state: string }>(SELECT_FEEDS);
  const feeds = Object.freeze(rows.map((row) => Object.freeze(stateOfRow(row))));
  cache.state = rows[0]?.state ?? '';
  cache.feeds = feeds;
  return feeds;
}

const SELECT_FEEDS = `SELECT ${FEED_COLUMNS}, ${FEEDS_STATE} AS state FROM feed_state ORDER BY feed`;
