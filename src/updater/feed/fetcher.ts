import type { HttpClient } from '../../bytes/http/client.ts';
import type { Advisory } from '../../model/advisories/advisory.ts';
import type { RecordDiagnostic } from '../../model/feed.ts';
import type { RepositoryCpes } from '../../model/repository-cpes.ts';
import type { GroupedItems } from '../advisories/grouped-items.ts';
import type { FeedScheme } from '../../ecosystems/feed-scheme.ts';

/** Fetches one vulnerability feed as a stream of advisories. */
export type Fetcher = {
  /** The name of the feed, and of the fetcher's folder. */
  readonly id: string;
  /**
   * The version of the fetcher, incremented when the same upstream bytes would produce different advisories, so that
   * the bytes are parsed again.
   */
  readonly version: number;
  /** The version scheme of all namespaces in the feed, or `by-namespace`. */
  readonly scheme: FeedScheme;
  /** The distributions that the feed covers, in the form of the first part of a namespace. */
  readonly distributions: readonly string[];
  readonly url: string;
  /**
   * Fetches the advisories. @throws ClairError `bytes/…` if the feed cannot be read, `feed/…` if the feed is malformed;
   * both also during iteration
   */
  readonly fetch: (context: FetchContext) => Promise<FetchOutcome>;
};

/** A fetcher with its entry in docs/reference/coverage.md. */
export type DescribedFetcher = Fetcher & { readonly coverage: FeedCoverage };

/** The texts about a feed in docs/reference/coverage.md, in Markdown. */
export type FeedCoverage = {
  /** The namespaces of the feed, with `N` for a number. */
  readonly namespaces: readonly string[];
  /** The documents and releases that Clair reads. */
  readonly reads: string;
  /** The origin of the severity of a finding. */
  readonly severity: string;
  /** The status for each state in the feed; absent when the feed has no states. */
  readonly states?: readonly (readonly [state: string, status: string])[];
  /** Limits and properties of the feed that change results, each in one to four sentences. */
  readonly notes: readonly string[];
};

export type FetchContext = {
  readonly http: Pick<HttpClient, 'get'>;
  /** The address of a mirror (`http:`, `https:` or `file:`) that is used instead of the upstream address. */
  readonly url?: string;
  /**
   * A local path or `file:` URL that is read instead of any address: a file (plain, gzip, bzip2, xz or zstd), a
   * directory, a tar or a zip.
   */
  readonly from?: string;
  /** The OSV ecosystems to read; all known ecosystems when absent. */
  readonly ecosystems?: readonly string[];
  /** The validators of the last successful fetch; absent if the feed must be read completely. */
  readonly validators?: FeedValidators;
  /** A directory that is kept between fetches and created on first use; if absent, nothing is kept between fetches. */
  readonly cache?: string;
  readonly signal?: AbortSignal;
};

/** Validators for conditional requests (RFC 9110 section 8.8). */
export type FeedValidators = { readonly etag?: string; readonly lastModified?: string };

export type FetchOutcome =
  | { readonly kind: 'not-modified' }
  | {
      readonly kind: 'advisories';
      /** The advisories; advisories with the same identifier are merged. If the iteration fails, nothing is stored. */
      readonly advisories: GroupedItems<Advisory>;
      /** All advisories of the feed (the default), or only changes since the fetch that returned the validators. */
      readonly scope?: 'all' | 'changed';
      /** With the scope `changed`, the identifiers of removed advisories; complete after the iteration. */
      readonly gone?: readonly string[];
      /**
       * The namespaces that the advisories cover; all namespaces when absent. Stored affected packages in other
       * namespaces are kept. Complete after the iteration.
       */
      readonly within?: readonly string[];
      /**
       * The products (CPEs) of each repository; complete after the iteration. If absent or empty, the stored products
       * are kept.
       */
      readonly repositories?: RepositoryCpes;
      /** The diagnostics about advisories that could not be fully read; complete after the iteration. */
      readonly recordDiagnostics: RecordDiagnostics;
      /** The validators for the next fetch; with several files, complete after the iteration. */
      readonly validators: FeedValidators;
    };

/**
 * The number of advisories or enrichments that a parser could not fully read, with the first few as examples; see
 * `RecordDiagnostics` in the model.
 */
export type RecordDiagnostics = { count: number; skipped: number; readonly examples: RecordDiagnostic[] };
