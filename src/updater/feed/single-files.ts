import { allBytes } from '../../bytes/all-bytes.ts';
import type { ByteStream } from '../../bytes/byte-stream.ts';
import { shownAddress } from '../../bytes/http/client.ts';
import { ClairError } from '../../errors.ts';
import { DocumentIntake, type FeedDocument } from './document-intake.ts';
import { type Download, openDownload } from './download.ts';
import type { FeedValidators, FetchContext } from './fetcher.ts';

/** A changed or deleted document; `document` is absent if the document was deleted. */
export type ChangedDocument = { readonly path: string; readonly document?: FeedDocument };

/**
 * Requests the documents at `paths` below `base`, several at the same time, and yields the documents in the order of
 * `paths`.
 *
 * @throws ClairError `bytes/…` during iteration if a document cannot be read; a deleted document is not an error
 */
export async function* changedDocuments(
  base: string,
  paths: readonly string[],
  context: FetchContext,
): AsyncGenerator<ChangedDocument> {
  const stop = new AbortController();
  const signal = context.signal ? AbortSignal.any([context.signal, stop.signal]) : stop.signal;
  const intake = new DocumentIntake({ signal });
  const waiting: Promise<ChangedBytes>[] = [];
  let next = 0;
  const ask = (): void => {
    const path = paths[next];
    if (path === undefined) return;
    next += 1;
    const asked = readChanged(base, path, { ...context, signal });
    // The `await` below throws the error; without this handler, an early rejection would be unhandled.
    asked.catch(() => undefined);
    waiting.push(asked);
  };
  try {
    for (let ahead = 0; ahead < PARALLEL; ahead += 1) ask();
    for (let first = waiting.shift(); first !== undefined; first = waiting.shift()) {
      const { path, where, bytes } = await first;
      ask();
      yield bytes === undefined ? { path } : { path, document: intake.document(path, where, () => once(bytes)) };
    }
  } finally {
    stop.abort();
    await Promise.allSettled(waiting);
  }
}

/** Returns whether a file is unchanged. @throws ClairError `bytes/…` */
export async function isUnchanged(url: string, context: FetchContext, validators: FeedValidators): Promise<boolean> {
  const answer = await openDownload(url, { ...unconditional(context), validators });
  // A read with a limit of 0 bytes releases the connection.
  if (answer.kind === 'body') await allBytes(answer.body, 0);
  return answer.kind === 'not-modified';
}

/** Returns the context of a request without conditions. */
export function unconditional({ http, signal }: FetchContext): Pick<FetchContext, 'http' | 'signal'> {
  return { http, ...(signal && { signal }) };
}

/** The maximum size of a document as sent, possibly compressed, in bytes. */
const MAX_DOCUMENT_BYTES = 256 * 1024 * 1024;

/** The maximum number of concurrent requests and waiting documents in memory. */
const PARALLEL = 6;

type ChangedBytes = { readonly path: string; readonly where: string; readonly bytes?: Buffer };

async function readChanged(base: string, path: string, context: FetchContext): Promise<ChangedBytes> {
  const url = `${base}${path}`;
  const where = shownAddress(url);
  try {
    const { body } = await download(url, context);
    return { path, where, bytes: await boundedBytes(body, where, MAX_DOCUMENT_BYTES) };
  } catch (error) {
    if (error instanceof ClairError && error.code === 'bytes/not-found') return { path, where };
    throw error;
  }
}

/** A response with content. */
export type Body = Extract<Download, { kind: 'body' }>;

export type TextFile = { readonly text: string; readonly where: string; readonly validators: FeedValidators };

/** Reads a file, which may be compressed, as text of at most `maxBytes` bytes. @throws ClairError `bytes/…` */
export async function readTextFile(url: string, context: FetchContext, maxBytes: number): Promise<TextFile> {
  const answer = await download(url, context);
  const { where, validators } = answer;
  const { stream } = documentOf(url, answer, context);
  return { text: (await boundedBytes(stream, where, maxBytes)).toString('utf8'), where, validators };
}

/** Returns the document in a response. */
export function documentOf(url: string, { body, where }: Body, { signal }: FetchContext): FeedDocument {
  return new DocumentIntake({ ...(signal && { signal }) }).document(url, where, () => body);
}

async function download(url: string, context: FetchContext): Promise<Body> {
  const answer = await openDownload(url, unconditional(context));
  if (answer.kind === 'body') return answer;
  throw new ClairError(
    'bytes/unreachable',
    `${shownAddress(url)} responded with status 304 to an unconditional request`,
  );
}

async function boundedBytes(stream: ByteStream, where: string, maxBytes: number): Promise<Buffer> {
  const bytes = await allBytes(stream, maxBytes);
  if (bytes !== undefined) return bytes;
  throw new ClairError('bytes/limit-exceeded', `${where}: more than ${maxBytes} bytes`);
}

async function* once(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}
