import type { HttpAnswer, HttpClient } from '../../bytes/http/client.ts';
import type { Enrichment, EnrichmentKind } from '../../model/enrichment.ts';
import type { DocumentParser } from '../feed/parsed-documents.ts';
import type { EnrichmentOutcome } from '../enrichers/enricher.ts';
import { noRecordDiagnostics } from '../advisories/record-diagnostics.ts';
import { messagesOf } from './record-messages.ts';

/** Returns the enrichments and the diagnostics that a parser produces for a text. */
export async function readDocument<Kind extends EnrichmentKind>(
  parse: DocumentParser<Enrichment<Kind>>,
  text: string,
): Promise<{ readonly enrichments: readonly Enrichment<Kind>[]; readonly diagnostics: readonly string[] }> {
  const recordDiagnostics = noRecordDiagnostics();
  const enrichments: Enrichment<Kind>[] = [];
  const document = { name: 'document', where: 'document', stream: streamOf(Buffer.from(text)) };
  for await (const enrichment of parse(document, recordDiagnostics)) enrichments.push(enrichment);
  return { enrichments, diagnostics: messagesOf(recordDiagnostics.examples) };
}

export async function enrichmentsOf(outcome: EnrichmentOutcome): Promise<readonly Enrichment[]> {
  if (outcome.kind !== 'enrichments') throw new Error(outcome.kind);
  const enrichments: Enrichment[] = [];
  for await (const enrichment of outcome.enrichments) enrichments.push(enrichment);
  return enrichments;
}

/** Returns a client with these responses by address; records the requested addresses in `asked`. */
export function clientWith(answers: Readonly<Record<string, () => HttpAnswer>>, asked: string[] = []): HttpClient {
  return {
    get: async (url) => {
      asked.push(url);
      const answer = answers[url];
      if (answer === undefined) throw new Error(`asked for ${url}`);
      return answer();
    },
    close: async () => {},
  };
}

export async function* streamOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
