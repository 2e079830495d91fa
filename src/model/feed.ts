/**
 * The state of a feed of vulnerabilities or enrichments, and of its last updates. Times are milliseconds since 1970.
 */
export type FeedState = {
  readonly feed: string;
  /** The version of the fetcher that read the stored data; null before the first success. */
  readonly fetcherVersion: number | null;
  readonly lastAttempt: number;
  readonly lastSuccess: number | null;
  /** The reason why the last attempt failed; null after a success. */
  readonly error: string | null;
  /**
   * The reason why the newest data was refused (`feed/shrunk`). Only a successful update resets the reason to null.
   */
  readonly refused: string | null;
  readonly etag: string | null;
  readonly lastModified: string | null;
  /** The number of stored vulnerabilities or enrichments. */
  readonly vulnerabilities: number;
  readonly recordDiagnostics: RecordDiagnostics;
  /**
   * The age in milliseconds at which the data becomes stale. The age is a setting of the process that reads the data,
   * or the setting that the last successful update stored; null means {@link STALE_AFTER_MS}.
   */
  readonly staleAfter: number | null;
};

/** The advisories or enrichments of a feed that Clair could not fully read. */
export type RecordDiagnostics = {
  readonly count: number;
  /** The number of skipped advisories or enrichments; equal to `count` when absent. */
  readonly skipped?: number;
  /** The first few diagnostics. */
  readonly examples: readonly RecordDiagnostic[];
};

/**
 * A diagnostic about an advisory of a feed. With `skipped`, all or a part of the advisory is missing, so reports are
 * incomplete. With `inexact`, the advisory is applied as broadly as possible, or without its severity or description,
 * so no findings are missing.
 */
export type RecordDiagnostic = { readonly kind: 'skipped' | 'inexact'; readonly message: string };

/** Returns the number of advisories that were skipped in whole or in part. */
export function skippedCount({ count, skipped = count }: RecordDiagnostics): number {
  return skipped;
}

/** The feed of vulnerabilities that clients create through the API; no fetcher has this name. */
export const MANUAL_FEED = 'manual';

/** The maximum number of diagnostics about advisories that are stored as examples. */
export const MAX_DIAGNOSTIC_EXAMPLES = 10;

/**
 * The default age at which data becomes stale. Distributions publish at least daily, so advisories are missing in data
 * of this age.
 */
export const STALE_AFTER_MS: number = 5 * 24 * 60 * 60 * 1000;

/** Returns whether the data of a feed is stale at `now`, in milliseconds since 1970. */
export function isStale(state: FeedState, now: number): boolean {
  return now > freshUntil(state);
}

/** Returns the time when the data of a feed becomes stale, in milliseconds since 1970; infinity without data. */
export function freshUntil({ lastSuccess, staleAfter }: FeedState): number {
  return lastSuccess === null ? Number.POSITIVE_INFINITY : lastSuccess + (staleAfter ?? STALE_AFTER_MS);
}

/** An entry of the change log, for a vulnerability that an update or a client added, changed or withdrew. */
export type Change = {
  readonly id: number;
  readonly feed: string;
  readonly name: string;
  readonly kind: 'added' | 'changed' | 'withdrawn';
  /** The time of the change in milliseconds since 1970. */
  readonly at: number;
  /** Whether the change is from the first import of the feed, which sends no notifications. */
  readonly isInitial: boolean;
};
