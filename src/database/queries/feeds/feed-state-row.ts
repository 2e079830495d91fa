import { type RecordDiagnostic, skippedCount } from '../../../model/feed.ts';
import type { Queries } from '../../engines/engine.ts';
import type { FeedUpdate } from '../../contracts/vulnerabilities.ts';

/**
 * Records the success of an update, in the transaction of the update.
 *
 * @param records the number of stored advisories or enrichments of the feed after the update
 */
export async function writeFeedState(
  queries: Queries,
  { feed, fetcherVersion, at, fetchedAt = at, etag, lastModified, recordDiagnostics }: SucceededUpdate,
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
    recordDiagnostics.count,
    skippedCount(recordDiagnostics),
    JSON.stringify(recordDiagnostics.examples),
  ]);
}

/** Parses the column `diagnostics`. Older releases stored only messages, which are treated as skipped advisories. */
export function storedExamples(column: string): readonly RecordDiagnostic[] {
  const examples: readonly (RecordDiagnostic | string)[] = JSON.parse(column);
  return examples.map((each) => (typeof each === 'string' ? { kind: 'skipped', message: each } : each));
}

type SucceededUpdate = Pick<
  FeedUpdate,
  'feed' | 'fetcherVersion' | 'at' | 'fetchedAt' | 'etag' | 'lastModified' | 'recordDiagnostics'
>;

const UPSERT_STATE = `
INSERT INTO feed_state (
  feed, fetcher_version, last_attempt, last_success, error, refused, etag, last_modified,
  vulnerabilities, diagnostic_count, skipped_count, diagnostics
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
  diagnostic_count = excluded.diagnostic_count,
  skipped_count = excluded.skipped_count,
  diagnostics = excluded.diagnostics`;
