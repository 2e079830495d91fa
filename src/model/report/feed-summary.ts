import { isStale, type FeedState, skippedCount } from '../feed.ts';

/** The state of a feed in reports, health and `clair feeds`; the field names are stable. */
export type FeedSummary = {
  readonly name: string;
  /** The time of the last successful update (ISO 8601); null before the first successful update. */
  readonly updatedAt: string | null;
  /** The time of the last attempt (ISO 8601). */
  readonly attemptedAt: string;
  /**
   * The number of whole seconds since the last successful update, never negative; null before the first successful
   * update.
   */
  readonly ageSeconds: number | null;
  readonly isStale: boolean;
  /** The reason why the last attempt failed; null after a success. */
  readonly error: string | null;
  /** The reason why the newest data was refused (`feed/shrunk`) and older data is still used; null otherwise. */
  readonly refused: string | null;
  /** The ETag of the stored data, or its Last-Modified time if the server sent no ETag; null if the server sent neither. */
  readonly fingerprint: string | null;
  /** The number of vulnerabilities or, for a feed of enrichments, the number of CVEs. */
  readonly vulnerabilities: number;
  /** The number of advisories or enrichments that Clair could not fully read. */
  readonly recordDiagnostics: number;
  /** The number of advisories or enrichments that were skipped in whole or in part. */
  readonly skippedRecords: number;
};

/** Returns the summary of the state of a feed. @param now the current time in milliseconds since 1970 */
export function summaryOfFeed(state: FeedState, now: number): FeedSummary {
  const { feed, lastSuccess, lastAttempt, error, refused, etag, lastModified, vulnerabilities, recordDiagnostics } =
    state;
  return {
    name: feed,
    updatedAt: lastSuccess === null ? null : new Date(lastSuccess).toISOString(),
    attemptedAt: new Date(lastAttempt).toISOString(),
    ageSeconds: lastSuccess === null ? null : Math.max(0, Math.floor((now - lastSuccess) / 1000)),
    isStale: isStale(state, now),
    error,
    refused,
    fingerprint: etag ?? lastModified,
    vulnerabilities,
    recordDiagnostics: recordDiagnostics.count,
    skippedRecords: skippedCount(recordDiagnostics),
  };
}
