import { allBytes } from '../../bytes/all-bytes.ts';
import type { ByteStream } from '../../bytes/byte-stream.ts';
import { DocumentIntake, type DocumentOptions, type FeedDocument } from './document-intake.ts';
import { type Download, openDownload } from './download.ts';
import type { FeedDocuments } from './many-documents.ts';
import type { FeedValidators, FetchContext } from './fetcher.ts';
import { parseFileValidators, type FileValidators, writeFileValidators } from './file-validators.ts';

/** A file of a feed; its name must be the same in every update. */
export type FeedFile = { readonly name: string; readonly url: string };

/**
 * Opens a feed of several files. Requests each file with the stored validators of the file until a file has changed,
 * then reads all files, starting with the changed file. The entity tag of the feed contains the validators of all
 * files, and is complete after the iteration. The iteration throws if a file is missing.
 *
 * @throws ClairError `bytes/…` immediately, during iteration or while a document is read
 */
export async function openFeedFiles(
  files: readonly FeedFile[],
  where: string,
  context: FetchContext,
): Promise<FeedDocuments> {
  const first = await firstChanged(files, context);
  if (first === undefined) return { kind: 'not-modified' };
  const validators: { -readonly [Key in keyof FeedValidators]: FeedValidators[Key] } = {};
  const documents = changedDocuments(files, first, context, (known) => {
    const text = writeFileValidators(known);
    if (text !== undefined) validators.etag = text;
  });
  return { kind: 'documents', documents, where, validators };
}

type Body = Extract<Download, { kind: 'body' }>;

type OpenFile = { readonly file: FeedFile; readonly download: Body };

/** Returns the first changed file; undefined if neither the set of files nor any file has changed. */
async function firstChanged(files: readonly FeedFile[], context: FetchContext): Promise<OpenFile | undefined> {
  const known = parseFileValidators(context.validators?.etag);
  const isSameSet = known.size === files.length && files.every(({ name }) => known.has(name));
  for (const file of files) {
    const validators = isSameSet ? known.get(file.name) : undefined;
    const download = await openDownload(file.url, { ...unconditional(context), ...(validators && { validators }) });
    if (download.kind === 'body') return { file, download };
  }
  return undefined;
}

async function* changedDocuments(
  files: readonly FeedFile[],
  first: OpenFile,
  context: FetchContext,
  done: (validators: FileValidators) => void,
): AsyncGenerator<FeedDocument> {
  const options: DocumentOptions = { ...(context.signal && { signal: context.signal }) };
  const intake = new DocumentIntake(options);
  const validators = new Map<string, FeedValidators>();
  for (const file of [first.file, ...files.filter((each) => each !== first.file)]) {
    const download = file === first.file ? first.download : await openDownload(file.url, unconditional(context));
    // The response always has a body, because the request has no validators.
    if (download.kind !== 'body') continue;
    validators.set(file.name, download.validators);
    const document = intake.document(file.name, download.where, () => download.body);
    let isRead = false;
    try {
      yield { ...document, stream: noted(document.stream, () => (isRead = true)) };
    } finally {
      // Release the connection if the document was skipped.
      if (!isRead) await allBytes(download.body, 0);
    }
  }
  done(validators);
}

function unconditional({ http, signal }: FetchContext): Pick<FetchContext, 'http' | 'signal'> {
  return { http, ...(signal && { signal }) };
}

async function* noted(stream: ByteStream, begun: () => void): AsyncGenerator<Uint8Array> {
  begun();
  yield* stream;
}
