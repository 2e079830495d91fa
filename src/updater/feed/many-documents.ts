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
      /** Each is read, or passed over, before the next one comes. */
      readonly documents: AsyncIterable<FeedDocument>;
      /** What to call the feed in messages. */
      readonly where: string;
      /** For the next conditional request; empty for local files, so that the upstream is read anew after them. */
      readonly validators: FeedValidators;
    };

/**
 * Opens a feed of many documents: what {@link localDocuments} finds at `context.from` when there is one, else the archive
 * that `url` answers to a conditional request, or what a `file:` URL names. What is downloaded goes to a temporary file,
 * which is deleted when the iteration ends.
 *
 * @throws ClairError `bytes/…` from here, while the documents are iterated and while one is read.
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
