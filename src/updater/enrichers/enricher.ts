import type { Enrichment, EnrichmentKind } from '../../model/enrichment.ts';
import type { NotModified } from '../feed/download.ts';
import type { FeedValidators, FetchContext, RecordDiagnostics } from '../feed/fetcher.ts';

/** A feed of facts about CVEs that are no feed of their own: all of one kind, and all that there are of this kind. */
export type Enricher<Kind extends EnrichmentKind = EnrichmentKind> = {
  /** The name of the source, equal to the name of its folder. */
  readonly id: string;
  readonly kind: Kind;
  /** Raised whenever the same upstream bytes would give other facts, so that unchanged lists are read again. */
  readonly version: number;
  /** Where the facts are published. */
  readonly url: string;
  /**
   * Opens the list.
   *
   * @throws ClairError `bytes/…` when it cannot be had, `feed/…` when it is not what it should be; both also while the
   * enrichments are read.
   */
  readonly fetch: (context: FetchContext) => Promise<EnrichmentOutcome<Kind>>;
};

export type EnrichmentOutcome<Kind extends EnrichmentKind = EnrichmentKind> =
  | NotModified
  | {
      readonly kind: 'enrichments';
      /**
       * What the feed says; of several enrichments of one CVE the last one counts. The iteration fails when the list
       * turns out to be broken; nothing of it is stored then.
       */
      readonly enrichments: AsyncIterable<Enrichment<Kind>>;
      /** Whether this is all that the feed says, or only what changed since the validators; all when absent. */
      readonly scope?: 'all' | 'changed';
      /** Records that could not be understood, and what was done with them; complete once the iteration ended. */
      readonly recordDiagnostics: RecordDiagnostics;
      /** For the next fetch; of a feed of several files complete once the iteration ended. */
      readonly validators: FeedValidators;
    };
