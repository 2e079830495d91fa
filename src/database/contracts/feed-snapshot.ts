import type { Advisory } from '../../model/advisories/advisory.ts';
import type { EnrichmentKind } from '../../model/enrichment.ts';
import type { RepositoryCpes } from '../../model/repository-cpes.ts';
import type { FeedState } from '../../model/feed.ts';

/** `value` is the JSON that exports contain. */
export type StoredEnrichment = {
  readonly cve: string;
  readonly value: string;
  /** The rank of the severity of CVSS scores; null without a rating, and for other kinds of enrichment. */
  readonly severity: number | null;
};

export type FeedSnapshot = {
  readonly feeds: readonly FeedState[];
  /** Yields the advisories of a feed by ascending identifier; holds one page in memory. */
  readonly advisories: (feed: string) => AsyncIterable<StoredAdvisory>;
  /** Yields the same advisories as `advisories`, with the NVD severity for packages that the feed does not rate. */
  readonly ratedAdvisories: (feed: string) => AsyncIterable<StoredAdvisory>;
  /** The products (CPEs) of the feed's repositories, by ascending repository name. */
  readonly repositories: (feed: string) => Promise<RepositoryCpes>;
  /** Yields the enrichments of a kind by ascending CVE; holds one page in memory. */
  readonly enrichments: (kind: EnrichmentKind) => AsyncIterable<StoredEnrichment>;
  /** Returns a hash of the advisories and repositories of a feed. Equal content has the same hash on every engine. */
  readonly fingerprint: (feed: string) => Promise<string>;
  /** Returns a hash of the enrichments of a kind; equal content has the same hash on every engine. */
  readonly enrichmentFingerprint: (kind: EnrichmentKind) => Promise<string>;
  /** Returns the namespaces for which a feed has data, by name. */
  readonly namespaces: (feed: string) => Promise<readonly string[]>;
};

/**
 * An advisory with its content hash. Updates compare the hash, which cannot be computed from the stored advisory,
 * because the advisory may be merged from several parts.
 */
export type StoredAdvisory = { readonly advisory: Advisory; readonly contentHash: Uint8Array };
