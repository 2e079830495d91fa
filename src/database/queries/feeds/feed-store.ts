import type { FeedState } from '../../../model/feed.ts';
import type { CachedReads } from '../cached/cached-reads.ts';
import { changesCounts, raiseRevision } from '../images/data-revision.ts';
import type { Engine, SqlValue } from '../../engines/engine.ts';
import type { FeedStore } from '../../contracts/feeds.ts';
import { endedReleaseList, ENDED } from '../matches/ended-releases.ts';
import { readFeed, readFeeds } from './stored-feeds.ts';

/**
 * Stores the states of feeds; successful updates are written with their data (feed-update.ts).
 *
 * @param staleAfter the age, in milliseconds, that replaces the stored `staleAfter` in returned states; when absent,
 * the stored value is returned
 * @param cached the reads with caches; without caches when absent
 */
export function createFeedStore(
  { read, transaction, clock }: Engine,
  staleAfter?: number,
  cached?: CachedReads,
): FeedStore {
  const ended = endedReleaseList(clock);
  const limited = (state: FeedState): FeedState => (staleAfter === undefined ? state : { ...state, staleAfter });

  /** Writes the state of a feed and raises the data revision if image counts become stale. */
  async function write(feed: string, at: number, statement: string, values: readonly SqlValue[]): Promise<void> {
    await transaction(
      async (queries) => {
        const before = await readFeed(queries, feed);
        await queries.run(statement, values);
        if (changesCounts(before, await readFeed(queries, feed), at)) await raiseRevision(queries, 'data');
      },
      // Exclude other writes, because no write may come between the two reads.
      { alone: `feed ${feed}` },
    );
  }

  return {
    async all() {
      return ((await cached?.feeds?.()) ?? (await readFeeds(read))).map(limited);
    },
    async find(feed) {
      const state = await readFeed(read, feed);
      return state && limited(state);
    },
    recordUnchanged: (feed, at) => write(feed, at, UPDATE_UNCHANGED, [at, at, feed]),
    recordFailure: (feed, at, error, { isRefused = false } = {}) =>
      write(feed, at, UPSERT_FAILURE, [feed, at, error, isRefused ? error : null]),
    // The statement does not write an unchanged value, so that the version of the database stays the same.
    setStaleAfter: (feed, age) => write(feed, clock.now(), UPDATE_STALE_AFTER, [age, feed, age]),
    async covering(namespace) {
      const known = await cached?.covering?.(namespace);
      if (known !== undefined) return known;
      const rows = await read.all<{ feed: string }>(
        'SELECT feed FROM feed_namespace WHERE namespace = ? ORDER BY feed',
        [namespace],
      );
      return rows.map(({ feed }) => feed);
    },
    async namedDomains(namespace, domains) {
      const rows = await read.all<{ domain: string }>(SELECT_NAMED_DOMAINS, [JSON.stringify(domains), namespace]);
      return new Set(rows.map(({ domain }) => domain));
    },
    async judges() {
      const rows = await read.all<{ namespace: string }>(SELECT_JUDGES, [ended()]);
      return new Set(rows.map(({ namespace }) => namespace));
    },
  };
}

/**
 * The maximum number of version lines that are examined for a domain. The number is limited, because every name of an
 * installed package also creates a version line. A domain with this number of version lines is always returned.
 */
const MAX_LINES = 1000;

/**
 * Selects the domains that are followed by `.` or `:` in a name. The upper bounds use `/` and `;`, the next characters
 * after `.` and `:`.
 */
const SELECT_NAMED_DOMAINS = `
WITH prefix (domain, namespace, low, high) AS MATERIALIZED (
  SELECT domain.value, namespace.id, domain.value || edge.low, domain.value || edge.high
  FROM json_each(?) AS domain
    CROSS JOIN (SELECT '.' AS low, '/' AS high UNION ALL SELECT ':', ';') AS edge
    CROSS JOIN namespace
  WHERE namespace.name = ?
)
SELECT DISTINCT prefix.domain
FROM prefix
WHERE EXISTS (
    SELECT 1
    FROM (
      SELECT id FROM line
      WHERE line.namespace = prefix.namespace AND line.name >= prefix.low AND line.name < prefix.high
      ORDER BY line.name LIMIT ${MAX_LINES}
    ) AS near
      CROSS JOIN affected
    WHERE affected.line = near.id
  )
  OR (
    SELECT COUNT(*)
    FROM (
      SELECT 1 FROM line
      WHERE line.namespace = prefix.namespace AND line.name >= prefix.low AND line.name < prefix.high
      LIMIT ${MAX_LINES}
    ) AS counted
  ) = ${MAX_LINES}`;

const SELECT_JUDGES = `
WITH ${ENDED}
SELECT DISTINCT namespace FROM feed_namespace WHERE namespace NOT IN (SELECT namespace FROM ended)`;

const UPDATE_UNCHANGED =
  'UPDATE feed_state SET last_attempt = ?, last_success = ?, error = NULL, refused = NULL WHERE feed = ?';

const UPDATE_STALE_AFTER = 'UPDATE feed_state SET stale_after = ? WHERE feed = ? AND stale_after IS DISTINCT FROM ?';

const UPSERT_FAILURE = `
INSERT INTO feed_state (feed, last_attempt, error, refused, vulnerabilities, diagnostic_count, skipped_count, diagnostics)
VALUES (?, ?, ?, ?, 0, 0, 0, '[]')
ON CONFLICT (feed) DO UPDATE SET
  last_attempt = excluded.last_attempt,
  error = excluded.error,
  refused = COALESCE(excluded.refused, feed_state.refused)`;
