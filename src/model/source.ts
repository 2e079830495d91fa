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
};

/** One entry of the change log: what an update did to one vulnerability. */
export type Change = {
  readonly id: number;
  readonly source: string;
  readonly name: string;
  readonly kind: 'added' | 'changed' | 'withdrawn';
  /** Milliseconds since 1970. */
  readonly at: number;
};
