import type { Enrichment, EnrichmentKind } from '../../model/enrichment.ts';
import { type DocumentParsers, documentItems } from '../feed/parsed-documents.ts';
import type { FeedDocuments } from '../feed/many-documents.ts';
import { noRecordDiagnostics } from '../advisories/record-diagnostics.ts';
import type { EnrichmentOutcome } from './enricher.ts';

/**
 * Gives what the documents of a feed of facts about CVEs say, each read by the parser for its form.
 *
 * @param scope whether the documents are all that the feed says, or only what changed
 * @throws ClairError while the enrichments are iterated: `feed/empty` when there is no document, `feed/invalid` for one in
 * a form that the feed does not have and when nothing in any document is a record of it.
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
