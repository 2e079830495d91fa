import type { CveText, EnrichmentKind, Enrichments } from '../../model/enrichment.ts';
import type { FeedUpdate, UpdateCounts } from './vulnerabilities.ts';

/** An enrichment of a CVE; `value` is JSON, and null removes the enrichment. */
export type OrderedEnrichment = { readonly cve: string; readonly value: string | null };

/**
 * A score that changes the severity of an advisory is logged as a change to the advisory; other enrichments have no
 * change log.
 */
export type EnrichmentStore = {
  /**
   * Replaces the enrichments of a kind in one transaction. Writes only differences and the state of the feed. CVEs must
   * be unique and in ascending order. If the iteration fails, nothing is stored.
   *
   * With the scope `changed`, other CVEs keep their enrichments.
   *
   * @throws ClairError `feed/shrunk` and `artifact/invalid` (see `FeedUpdate`); the errors of the iteration
   */
  readonly update: (update: EnrichmentUpdate) => Promise<UpdateCounts>;
  /** Returns the enrichments of these CVEs; CVEs without enrichments are absent. */
  readonly ofCves: (cves: readonly string[]) => Promise<ReadonlyMap<string, Enrichments>>;
  /** Returns the texts of these CVEs in the NVD; CVEs without a text are absent. */
  readonly textsOf: (cves: readonly string[]) => Promise<ReadonlyMap<string, CveText>>;
};

export type EnrichmentUpdate = Omit<FeedUpdate, 'scheme' | 'advisories' | 'gone' | 'repositories'> & {
  readonly kind: EnrichmentKind;
  readonly enrichments: Iterable<OrderedEnrichment> | AsyncIterable<OrderedEnrichment>;
};
