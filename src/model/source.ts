/** What is known of a source of vulnerabilities and of its last updates. Times are milliseconds since 1970. */
export type SourceState = {
  readonly source: string;
  /** The version of the fetcher that read the data that is stored; null before the first success. */
  readonly fetcherVersion: number | null;
  readonly lastAttempt: number;
  readonly lastSuccess: number | null;
  /** Why the last attempt failed; null when it did not. */
  readonly error: string | null;
  readonly etag: string | null;
  readonly lastModified: string | null;
  readonly vulnerabilities: number;
  /** Records that could not be understood, and the first few of them. */
  readonly unclear: { readonly count: number; readonly examples: readonly string[] };
  /** How long after the last success its data is too old, in milliseconds; null for {@link STALE_AFTER_MS}. */
  readonly staleAfter: number | null;
};

/** The source of the vulnerabilities that are made by hand, through the API: none of the updater's has its name. */
export const MANUAL_SOURCE = 'manual';

/** How many examples of records that were not understood are kept. */
export const MAX_UNCLEAR_EXAMPLES = 10;

/** Distributions publish daily, most of them more often; who has not heard of them for so long misses something. */
export const STALE_AFTER_MS: number = 5 * 24 * 60 * 60 * 1000;

/** Tells whether the data of a source is too old to be relied on, `now` in milliseconds since 1970. */
export function isStale({ lastSuccess, staleAfter }: SourceState, now: number): boolean {
  return lastSuccess !== null && now - lastSuccess > (staleAfter ?? STALE_AFTER_MS);
}

/** One entry of the change log: what an update did to one vulnerability. */
export type Change = {
  readonly id: number;
  readonly source: string;
  readonly name: string;
  readonly kind: 'added' | 'changed' | 'withdrawn';
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Whether the first update of the source found it: then all is new, and nobody is told. */
  readonly isInitial: boolean;
};
