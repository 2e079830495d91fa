import type { Advisory } from '../../model/advisories/advisory.ts';
import type { EnrichmentKind } from '../../model/enrichment.ts';
import type { RepositoryCpes } from '../../model/repository-cpes.ts';
import type { FeedState } from '../../model/feed.ts';

/** A stored enrichment of one kind; the value is JSON. */
export type StoredEnrichment = {
  readonly cve: string;
  readonly value: string;
  /** The severity rank of CVSS scores; null for other kinds. */
  readonly severity: number | null;
};

/** All feeds in one snapshot. */
export type FeedSnapshot = {
  readonly feeds: readonly FeedState[];
  /** The advisories of a feed by ascending identifier; holds one page in memory. */
  readonly advisories: (feed: string) => AsyncIterable<StoredAdvisory>;
  /** The products (CPEs) of the repositories of a feed, by ascending name. */
  readonly repositories: (feed: string) => Promise<RepositoryCpes>;
  /** The enrichments of one kind by ascending CVE; holds one page in memory. */
  readonly enrichments: (kind: EnrichmentKind) => AsyncIterable<StoredEnrichment>;
};

/**
 * A stored advisory and the hash that updates compare. The hash cannot be computed from the stored advisory, which may
 * be merged from several parts.
 */
export type StoredAdvisory = { readonly advisory: Advisory; readonly contentHash: Uint8Array };
