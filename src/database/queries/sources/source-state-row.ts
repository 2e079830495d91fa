import { skippedCount } from '../../../model/source.ts';
import type { Queries } from '../../engines/engine.ts';
import type { SourceUpdate } from '../../contracts/vulnerabilities.ts';

/**
 * Writes that an update of a source succeeded, in its transaction.
 *
 * @param records how many records of the source are stored now
 */
export async function writeSourceState(
  queries: Queries,
  { source, fetcherVersion, at, fetchedAt = at, etag, lastModified, unclear }: SucceededUpdate,
  records: number,
): Promise<void> {
  await queries.run(UPSERT_STATE, [
    source,
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
  SourceUpdate,
  'source' | 'fetcherVersion' | 'at' | 'fetchedAt' | 'etag' | 'lastModified' | 'unclear'
>;

const UPSERT_STATE = `
INSERT INTO source_state (
  source, fetcher_version, last_attempt, last_success, error, refused, etag, last_modified,
  vulnerabilities, unclear_count, skipped_count, unclear
)
VALUES (?, ?, ?, ?, NULL, NULL, ?, ?, ?, ?, ?, ?)
ON CONFLICT (source) DO UPDATE SET
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
