import type { Advisory } from '../../model/advisories/advisory.ts';
import type { EnrichmentKind } from '../../model/enrichment.ts';
import type { RepositoryCpes } from '../../model/repository-cpes.ts';
import type { FeedState } from '../../model/feed.ts';

/** What is stored of a CVE, of one kind; the value is JSON. */
export type StoredEnrichment = {
  readonly cve: string;
  readonly value: string;
  /** Of CVSS scores: the severity that they give, as a rank; otherwise null. */
  readonly severity: number | null;
};

/** The feeds at one moment. */
export type FeedSnapshot = {
  readonly feeds: readonly FeedState[];
  /** All that a feed says, by ascending identifier; only a page of it is in memory. */
  readonly advisories: (feed: string) => AsyncIterable<StoredAdvisory>;
  /** Of which products the packages of each repository are that a feed lists, by ascending name. */
  readonly repositories: (feed: string) => Promise<RepositoryCpes>;
  /** All that is known of CVEs, of one kind, by ascending CVE; only a page of it is in memory. */
  readonly enrichments: (kind: EnrichmentKind) => AsyncIterable<StoredEnrichment>;
};

/** A stored advisory and the hash that updates compare. The hash cannot be computed from the stored advisory, which may be united from several parts. */
export type StoredAdvisory = { readonly advisory: Advisory; readonly contentHash: Uint8Array };
