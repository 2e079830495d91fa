import { isStale, type FeedState, skippedCount } from '../feed.ts';

/** What is told of a feed, alike in reports, in health and by `clair feeds`: the names are a contract. */
export type FeedSummary = {
  readonly name: string;
  /** ISO 8601, the time of the last successful update; null before the first one. */
  readonly updatedAt: string | null;
  /** ISO 8601, the time of the last attempt. */
  readonly attemptedAt: string;
  /** Whole seconds since the last successful update, never negative; null before the first one. */
  readonly ageSeconds: number | null;
  /** Whether what it says is too old to be relied on. */
  readonly isStale: boolean;
  /** Why the last attempt failed; null when it did not. */
  readonly error: string | null;
  /** Why the newest data was refused (`feed/shrunk`), so that older data is used; null when it was not. */
  readonly refused: string | null;
  /** What the upstream calls the state that was read: its ETag, else its time of change; null when it tells neither. */
  readonly fingerprint: string | null;
  /** Of a feed of facts about CVEs: the CVEs. */
  readonly vulnerabilities: number;
  /** How many of its records could not be understood. */
  readonly recordDiagnostics: number;
  /** How many of those were skipped, as a whole or in part. */
  readonly skippedRecords: number;
};

/** @param now milliseconds since 1970 */
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
