import type { Enrichment, EnrichmentKind } from '../../model/enrichment.ts';
import { type DocumentParsers, documentItems } from '../feed/parsed-documents.ts';
import type { FeedDocuments } from '../feed/many-documents.ts';
import { noRecordDiagnostics } from '../advisories/record-diagnostics.ts';
import type { EnrichmentOutcome } from './enricher.ts';

/**
 * Returns the enrichments of the documents; each document is parsed according to its form.
 *
 * @param scope whether the documents contain all enrichments or only changes
 * @throws ClairError during iteration: `feed/empty` if there is no document or a document is empty, `feed/invalid` for
 * an unsupported form or if no document contains an enrichment
 */
export function enrichmentFeed<Kind extends EnrichmentKind>(
  feed: FeedDocuments,
  parsers: DocumentParsers<Enrichment<Kind>>,
  scope: 'all' | 'changed' = 'all',
): EnrichmentOutcome<Kind> {
  if (feed.kind === 'not-modified') return feed;
  const recordDiagnostics = noRecordDiagnostics();
  const { documents, where, validators } = feed;
  const enrichments = documentItems(documents, parsers, recordDiagnostics, where);
  return { kind: 'enrichments', enrichments, scope, recordDiagnostics, validators };
}
