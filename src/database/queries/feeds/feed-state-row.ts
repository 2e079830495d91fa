import { skippedCount } from '../../../model/feed.ts';
import type { Queries } from '../../engines/engine.ts';
import type { FeedUpdate } from '../../contracts/vulnerabilities.ts';

/**
 * Writes that an update of a feed succeeded, in its transaction.
 *
 * @param records how many records of the source are stored now
 */
export async function writeFeedState(
  queries: Queries,
  { feed, fetcherVersion, at, fetchedAt = at, etag, lastModified, unclear }: SucceededUpdate,
  records: number,
): Promise<void> {
  await queries.run(UPSERT_STATE, [
    feed,
    fetcherVersion,
    at,
    fetchedAt,
    etag,
    lastModified,
    records,
    unclear.count,
    skippedCount(unclear),
    JSON.stringify(unclear.examples),
  ]);
}

type SucceededUpdate = Pick<
  FeedUpdate,
  'feed' | 'fetcherVersion' | 'at' | 'fetchedAt' | 'etag' | 'lastModified' | 'unclear'
>;

const UPSERT_STATE = `
INSERT INTO feed_state (
  feed, fetcher_version, last_attempt, last_success, error, refused, etag, last_modified,
  vulnerabilities, unclear_count, skipped_count, unclear
)
VALUES (?, ?, ?, ?, NULL, NULL, ?, ?, ?, ?, ?, ?)
ON CONFLICT (feed) DO UPDATE SET
  fetcher_version = excluded.fetcher_version,
  last_attempt = excluded.last_attempt,
  last_success = excluded.last_success,
  error = NULL,
  refused = NULL,
  etag = excluded.etag,
  last_modified = excluded.last_modified,
  vulnerabilities = excluded.vulnerabilities,
  unclear_count = excluded.unclear_count,
  skipped_count = excluded.skipped_count,
  unclear = excluded.unclear`;
