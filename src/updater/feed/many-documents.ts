import type { ByteStream } from '../../bytes/byte-stream.ts';
import { DocumentIntake, type DocumentOptions, type FeedDocument } from './document-intake.ts';
import { fileDocuments, localDocuments } from './local-documents.ts';
import { type NotModified, openDownload } from './download.ts';
import type { FeedValidators, FetchContext } from './fetcher.ts';
import { isFileUrl } from '../../bytes/local-path.ts';
import { writeTemporaryFile } from './temporary-file.ts';

export type FeedDocuments =
  | NotModified
  | {
      readonly kind: 'documents';
      /** The documents. Callers must read or skip each document before they request the next document. */
      readonly documents: AsyncIterable<FeedDocument>;
      /** The name of the feed in messages. */
      readonly where: string;
      /**
       * The validators for the next conditional request; empty for local files, so that the next upstream fetch reads
       * all documents.
       */
      readonly validators: FeedValidators;
    };

/**
 * Opens a feed of many documents. Reads local documents at `context.from` or a `file:` URL (see {@link
 * localDocuments}), otherwise the archive or document at `url`, with a conditional request. A download is written to a
 * temporary file, which is removed when the iteration ends.
 *
 * @throws ClairError `bytes/…` immediately, during iteration or while a document is read
 */
export async function openFeedDocuments(
  url: string,
  context: FetchContext,
  options: Omit<DocumentOptions, 'signal'> = {},
): Promise<FeedDocuments> {
  const reading = { ...options, ...(context.signal && { signal: context.signal }) };
  const from = context.from ?? (isFileUrl(url) ? url : undefined);
  if (from !== undefined) {
    return { kind: 'documents', documents: localDocuments(from, reading), where: from, validators: {} };
  }
  const download = await openDownload(url, context);
  if (download.kind === 'not-modified') return download;
  const { body, where, validators } = download;
  return { kind: 'documents', documents: downloadedDocuments(body, where, reading), where, validators };
}

async function* downloadedDocuments(
  body: ByteStream,
  where: string,
  options: DocumentOptions,
): AsyncGenerator<FeedDocument> {
  const intake = new DocumentIntake(options);
  const file = await writeTemporaryFile(body, where, intake.limits.maxArchiveBytes, intake.signal);
  try {
    yield* fileDocuments(file.path, where, intake);
  } finally {
    await file.remove();
  }
}
