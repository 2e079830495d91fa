/** What is known of a feed, of vulnerabilities or of facts about CVEs, and of its last updates. Times are milliseconds since 1970. */
export type FeedState = {
  readonly feed: string;
  /** The version of the fetcher that read the data that is stored; null before the first success. */
  readonly fetcherVersion: number | null;
  readonly lastAttempt: number;
  readonly lastSuccess: number | null;
  /** Why the last attempt failed; null when it did not. */
  readonly error: string | null;
  /** Why the newest data was refused (`feed/shrunk`); null once an update succeeds again. Other failures leave it. */
  readonly refused: string | null;
  readonly etag: string | null;
  readonly lastModified: string | null;
  /** How many vulnerabilities of it are stored; of a feed of facts about CVEs, how many facts. */
  readonly vulnerabilities: number;
  readonly recordDiagnostics: RecordDiagnostics;
  /** How long after the last success its data is too old, in milliseconds; null for {@link STALE_AFTER_MS}. */
  readonly staleAfter: number | null;
};

/** The records of a feed that could not be understood. */
export type RecordDiagnostics = {
  readonly count: number;
  /** How many of them were skipped, as a whole or in part, so that findings may be missing; all of them when absent. */
  readonly skipped?: number;
  /** The first few of them. */
  readonly examples: readonly string[];
};

/** How many records were skipped, as a whole or in part. */
export function skippedCount({ count, skipped = count }: RecordDiagnostics): number {
  return skipped;
}

/**
 * Tells whether the words on a record that was not understood say that something of it was skipped. All others say how it
 * was taken all the same: in the widest interval that it allows, or without a severity or a description. Whoever words a
 * diagnostic decides with it whether answers are incomplete (docs/diagnostics.md).
 */
export function saysSkipped(example: string): boolean {
  return /\bskipped\b/.test(example);
}

/** The feed of the vulnerabilities that are made by hand, through the API: none of the updater's has its name. */
export const MANUAL_FEED = 'manual';

/** How many examples of records that were not understood are kept. */
export const MAX_DIAGNOSTIC_EXAMPLES = 10;

/** Distributions publish daily, most of them more often; who has not heard of them for so long misses something. */
export const STALE_AFTER_MS: number = 5 * 24 * 60 * 60 * 1000;

/** Tells whether the data of a feed is too old to be relied on, `now` in milliseconds since 1970. */
export function isStale(state: FeedState, now: number): boolean {
  return now > freshUntil(state);
}

/** The last moment at which the data of a feed can be relied on, in milliseconds since 1970; never when there is none. */
export function freshUntil({ lastSuccess, staleAfter }: FeedState): number {
  return lastSuccess === null ? Number.POSITIVE_INFINITY : lastSuccess + (staleAfter ?? STALE_AFTER_MS);
}

/** One entry of the change log: what an update did to one vulnerability. */
export type Change = {
  readonly id: number;
  readonly feed: string;
  readonly name: string;
  readonly kind: 'added' | 'changed' | 'withdrawn';
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Whether the first update of the source found it: then all is new, and nobody is told. */
  readonly isInitial: boolean;
};
