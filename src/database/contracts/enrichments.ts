import type { EnrichmentKind, Enrichments } from '../../model/enrichment.ts';
import type { FeedUpdate, UpdateCounts } from './vulnerabilities.ts';

/** An enrichment in its place: its value as JSON, and null where there is none. */
export type OrderedEnrichment = { readonly cve: string; readonly value: string | null };

/**
 * Facts about CVEs that are no feed of their own. Scores that give an advisory another severity are a change of the advisory,
 * and logged as one; other facts have no change log.
 */
export type EnrichmentStore = {
  /**
   * Makes the enrichments of a kind what their one feed says, in one transaction: writes only what is new, changed or
   * gone, and the state of the source. CVEs must be unique and in ascending order. If the iteration fails nothing is
   * stored.
   *
   * Of an update of what `changed` alone, what is stored of other CVEs stays; one that has no value any more is gone.
   */
  readonly update: (update: EnrichmentUpdate) => Promise<UpdateCounts>;
  /** What is known of each of these CVEs; those of which nothing is known are absent. */
  readonly ofCves: (cves: readonly string[]) => Promise<ReadonlyMap<string, Enrichments>>;
};

export type EnrichmentUpdate = Omit<FeedUpdate, 'scheme' | 'advisories' | 'gone' | 'repositories'> & {
  readonly kind: EnrichmentKind;
  readonly enrichments: Iterable<OrderedEnrichment> | AsyncIterable<OrderedEnrichment>;
};
