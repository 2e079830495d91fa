import type { HttpClient } from '../../bytes/http/client.ts';
import type { Advisory } from '../../model/advisories/advisory.ts';
import type { RepositoryCpes } from '../../model/repository-cpes.ts';
import type { SchemeId } from '../../versions/index.ts';

/** A feed of vulnerabilities: one upstream, read as a stream of advisories. */
export type Fetcher = {
  /** The name of the source, equal to the name of its folder. */
  readonly id: string;
  /** Raised whenever the same upstream bytes would give other advisories, so that unchanged feeds are read again. */
  readonly version: number;
  /** The version scheme of every namespace that it speaks of. */
  readonly scheme: SchemeId;
  /** The distributions that it speaks of: what the names of their namespaces start with. */
  readonly distributions: readonly string[];
  /** Where the feed is published. */
  readonly url: string;
  /**
   * Opens the feed.
   *
   * @throws ClairError `bytes/…` when it cannot be had, `feed/…` when it is not what it should be; both also while the
   * advisories are read.
   */
  readonly fetch: (context: FetchContext) => Promise<FetchOutcome>;
};

export type FetchContext = {
  readonly http: Pick<HttpClient, 'get'>;
  /** The operator's own address (`http:`, `https:` or `file:`) instead of where the feed is published: a mirror of it. */
  readonly url?: string;
  /** What to read instead of any address: a file (plain, gzip, bzip2, xz or zstd), a directory, a tar or a zip. */
  readonly from?: string;
  /** What the last successful fetch of the upstream address answered; absent when the feed must be read anew. */
  readonly validators?: FeedValidators;
  /**
   * A directory that the feed may keep for itself between fetches, made when it is first needed; without it what has to
   * be kept lies in a temporary one.
   */
  readonly cache?: string;
  readonly signal?: AbortSignal;
};

/** The conditional-request validators of an answer (RFC 9110 section 8.8). */
export type FeedValidators = { readonly etag?: string; readonly lastModified?: string };

export type FetchOutcome =
  /** The upstream says that nothing changed since the validators. */
  | { readonly kind: 'not-modified' }
  | {
      readonly kind: 'advisories';
      /**
       * The advisories. One identifier may come several times, with other affected packages each time: the parts
       * are united. The iteration fails when the feed turns out to be broken; nothing of it is stored then.
       */
      readonly advisories: AsyncIterable<Advisory>;
      /** Whether this is all that the feed says, or only what changed since the validators; all when absent. */
      readonly scope?: 'all' | 'changed';
      /** With `changed`: the identifiers that the feed no longer has; complete once the iteration ended. */
      readonly gone?: readonly string[];
      /** Of which products the packages of repositories are; complete once the iteration ended, empty where it is not said. */
      readonly repositories?: RepositoryCpes;
      /** Records that could not be understood, and what was done with them; complete once the iteration ended. */
      readonly recordDiagnostics: RecordDiagnostics;
      /** For the next fetch; of a feed of several files complete once the iteration ended. */
      readonly validators: FeedValidators;
    };

/** Counts records that a feed holds and its parser does not understand, and keeps the first few as examples; see the model's `RecordDiagnostics`. */
export type RecordDiagnostics = { count: number; skipped: number; readonly examples: string[] };
