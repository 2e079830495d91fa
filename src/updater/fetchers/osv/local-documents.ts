import { resolve } from 'node:path';
import { isFileUrl, localPath } from '../../../bytes/local-path.ts';
import { ClairError } from '../../../errors.ts';
import { DocumentIntake, type FeedDocument } from '../../feed/document-intake.ts';
import { isNamedJson } from '../../feed/document-form.ts';
import type { FetchContext } from '../../feed/fetcher.ts';
import { fileDocuments } from '../../feed/local-documents.ts';
import type { NotModified } from '../../feed/download.ts';
import { type FeedDocuments, openFeedDocuments } from '../../feed/many-documents.ts';
import { writeTemporaryFile } from '../../feed/temporary-file.ts';
import type { OsvEcosystem } from './ecosystems.ts';
import type { EcosystemDocument } from './records.ts';

/** The documents of {@link FeedDocuments}, each with its ecosystem. */
export type EcosystemDocuments =
  | NotModified
  | (Omit<Extract<FeedDocuments, { kind: 'documents' }>, 'documents'> & {
      readonly documents: AsyncIterable<EcosystemDocument>;
    });

/**
 * Opens the documents of ecosystems below a directory, or in a tar or zip. The documents are in `<Ecosystem>/all.zip`,
 * as in the OSV bucket, or in `<Ecosystem>/<id>.json`. The path may also lead directly to one of these files. Ignores
 * other files.
 *
 * @param url a local path (`file:`) or the address of an archive; `context.from` takes precedence
 * @throws ClairError `bytes/…` immediately, during iteration or while a document is read
 */
export async function openEcosystemDocuments(
  url: string,
  context: FetchContext,
  ecosystems: readonly OsvEcosystem[],
): Promise<EcosystemDocuments> {
  const from = context.from ?? (isFileUrl(url) ? url : undefined);
  const root = from === undefined ? '' : resolve(localPath(from));
  const find = (name: string): OsvEcosystem | undefined => ecosystemOfPath(`${root}/${name}`, ecosystems);
  const feed = await openFeedDocuments(url, context, { wants: (name) => find(name) !== undefined });
  if (feed.kind === 'not-modified') return feed;
  return { ...feed, documents: ecosystemDocuments(feed.documents, find, context.signal) };
}

/** Returns the ecosystem of a document or an archive of documents, according to its directory. */
export function ecosystemOfPath(path: string, among: readonly OsvEcosystem[]): OsvEcosystem | undefined {
  const [, directory] = /([^/]+)\/(?:all\.zip|(?:all\.zip\/)?[^/]+\.json)$/i.exec(path) ?? [];
  return among.find(({ name }) => name === directory);
}

async function* ecosystemDocuments(
  documents: AsyncIterable<FeedDocument>,
  find: (name: string) => OsvEcosystem | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<EcosystemDocument> {
  const intake = new DocumentIntake({ wants: isRecordOrArchive, ...(signal && { signal }) });
  for await (const document of documents) {
    const ecosystem = find(document.name);
    if (ecosystem === undefined) continue;
    if (isNamedJson(document.name)) yield { ecosystem, document };
    else for await (const inner of zippedDocuments(document, intake)) yield { ecosystem, document: inner };
  }
}

/**
 * Returns whether a name belongs to a document or an archive. Includes archives, so that a file that is only named like
 * an archive causes an error.
 */
export function isRecordOrArchive(name: string): boolean {
  return isNamedJson(name) || name.endsWith('.zip');
}

/**
 * Yields the documents in the archive of an ecosystem, which is written to a temporary file.
 *
 * @throws ClairError `bytes/…` immediately, during iteration or while a document is read
 */
export async function* zippedDocuments(
  { name, where, stream }: FeedDocument,
  intake: DocumentIntake,
): AsyncGenerator<FeedDocument> {
  const file = await writeTemporaryFile(stream, where, intake.limits.maxArchiveBytes, intake.signal);
  try {
    for await (const inner of fileDocuments(file.path, where, intake, name)) {
      if (inner.name === name) throw new ClairError('bytes/corrupt', `${where} is not a complete zip archive`);
      yield inner;
    }
  } finally {
    await file.remove();
  }
}
