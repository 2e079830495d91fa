import type { GroupedItems } from '../advisories/grouped-items.ts';
import type { Enrichment, EnrichmentKind } from '../../model/enrichment.ts';
import type { NotModified } from '../feed/download.ts';
import type { FeedValidators, FetchContext, RecordDiagnostics } from '../feed/fetcher.ts';

/** Fetches enrichments. Each kind of enrichment has exactly one enricher. */
export type Enricher<Kind extends EnrichmentKind = EnrichmentKind> = {
  /** The name of the feed, and of the enricher's folder. */
  readonly id: string;
  readonly kind: Kind;
  /**
   * The version of the enricher, incremented when the same upstream bytes would produce different enrichments, so that
   * the bytes are parsed again.
   */
  readonly version: number;
  readonly url: string;
  /**
   * Fetches the enrichments. @throws ClairError `bytes/…` if the list cannot be read, `feed/…` if the list is
   * malformed; both also during iteration
   */
  readonly fetch: (context: FetchContext) => Promise<EnrichmentOutcome<Kind>>;
};

/** An enricher with its entry in docs/reference/coverage.md. */
export type DescribedEnricher<Kind extends EnrichmentKind = EnrichmentKind> = Enricher<Kind> & {
  readonly coverage: EnricherCoverage;
};

/** The texts about an enricher in docs/reference/coverage.md, in Markdown. */
export type EnricherCoverage = {
  /** The data that the enricher provides for a CVE. */
  readonly content: string;
  /** The files and formats, and the treatment of invalid entries. */
  readonly note: string;
};

export type EnrichmentOutcome<Kind extends EnrichmentKind = EnrichmentKind> =
  | NotModified
  | {
      readonly kind: 'enrichments';
      /**
       * The enrichments; if a CVE has several enrichments, the last enrichment is used. If the iteration fails, nothing
       * is stored.
       */
      readonly enrichments: GroupedItems<Enrichment<Kind>>;
      /** All enrichments of the feed (the default), or only changes since the fetch that returned the validators. */
      readonly scope?: 'all' | 'changed';
      /** The diagnostics about entries that could not be fully read; complete after the iteration. */
      readonly recordDiagnostics: RecordDiagnostics;
      /** The validators for the next fetch; with several files, complete after the iteration. */
      readonly validators: FeedValidators;
    };
