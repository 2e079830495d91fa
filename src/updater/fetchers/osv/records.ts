import type { Advisory } from '../../../model/advisories/advisory.ts';
import { addRecordDiagnostic, at, skipped } from '../../advisories/record-diagnostics.ts';
import type { FeedDocument } from '../../feed/document-intake.ts';
import type { RecordDiagnostics } from '../../feed/fetcher.ts';
import { readOsvDocument } from '../../formats/osv.ts';
import { type OsvEcosystem, schemesOf } from './ecosystems.ts';
import { readLanguageRecord } from './parse.ts';

/** An OSV document, and the ecosystem in whose directory or archive it was found. */
export type EcosystemDocument = { readonly ecosystem: OsvEcosystem; readonly document: FeedDocument };

/** An OSV document; a withdrawn document has no advisories. */
export type LanguageRecord = {
  readonly id: string;
  /** The time of the last change in milliseconds since 1970; NaN if malformed. */
  readonly modifiedAt: number;
  readonly isWithdrawn: boolean;
  readonly advisories: readonly Advisory[];
};

/**
 * Reads an OSV document. Returns undefined, with a diagnostic, for a malformed document.
 *
 * @param ecosystems the ecosystems whose packages are read
 * @throws ClairError `bytes/…`, `feed/limit-exceeded`
 */
export async function readRecord(
  document: FeedDocument,
  ecosystems: readonly OsvEcosystem[],
  recordDiagnostics: RecordDiagnostics,
): Promise<LanguageRecord | undefined> {
  const record = await readOsvDocument(document, recordDiagnostics, schemesOf(ecosystems), { prefersVectors: true });
  if (record === undefined) return undefined;
  const { id, modified, isWithdrawn } = record;
  const { advisories, diagnostics } = readLanguageRecord(record, ecosystems);
  for (const diagnostic of diagnostics) addRecordDiagnostic(recordDiagnostics, at(id, diagnostic));
  return { id, modifiedAt: Date.parse(modified), isWithdrawn, advisories };
}

/**
 * Yields the advisories of the documents in the archives of ecosystems. Reads only the packages of the ecosystem in
 * whose archive the document is.
 *
 * @param read called for each document; `record` is undefined for a malformed document
 * @throws ClairError `bytes/…`, `feed/limit-exceeded` during iteration
 */
export async function* archivedAdvisories(
  documents: AsyncIterable<EcosystemDocument>,
  recordDiagnostics: RecordDiagnostics,
  read: (of: EcosystemDocument, record: LanguageRecord | undefined) => void,
): AsyncGenerator<Advisory> {
  for await (const of of documents) {
    const record = await readRecord(of.document, [of.ecosystem], recordDiagnostics);
    read(of, record);
    if (record === undefined) continue;
    if (record.advisories.length === 0 && !record.isWithdrawn) {
      const diagnostic = skipped(`skipped: it has no ${of.ecosystem.name} package`);
      addRecordDiagnostic(recordDiagnostics, at(record.id, diagnostic));
    }
    yield* record.advisories;
  }
}
