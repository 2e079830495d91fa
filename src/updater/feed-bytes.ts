import { fileURLToPath } from 'node:url';
import type { ByteStream } from '../bytes/byte-stream.ts';
import { type Compression, decompress } from '../bytes/compression.ts';
import { fileBytes } from '../bytes/file-bytes.ts';
import { shownAddress } from '../bytes/http-client.ts';
import { asClairError, ClairError } from '../errors.ts';
import type { FeedValidators, FetchContext } from './fetchers/fetcher.ts';

/** The forms in which a feed may come. */
const ACCEPTED: readonly Compression[] = ['none', 'gzip', 'xz', 'zstd', 'bzip2'];

export type FeedBytes =
  /** The upstream says that nothing changed since the validators. */
  | { readonly kind: 'not-modified' }
  | {
      readonly kind: 'bytes';
      /** The bytes without their compression. */
      readonly stream: ByteStream;
      /** What to call the feed in messages. */
      readonly where: string;
      /** For the next conditional request; empty for a local file, so that the upstream is read anew after it. */
      readonly validators: FeedValidators;
    };

/**
 * Opens a feed that is one document: the file `context.from` (a path or a `file:` URL) when there is one, else what
 * `url` answers to a conditional request (RFC 9110 section 13). Both may be plain, gzip, xz, zstd or bzip2; the
 * first bytes decide.
 *
 * @throws ClairError `bytes/not-found`, `bytes/unreachable` or what `decompress` throws, from here or while the stream
 * is read.
 */
export async function openFeedBytes(url: string, context: FetchContext): Promise<FeedBytes> {
  return context.from === undefined ? download(url, context) : openFile(context.from, context.signal);
}

async function download(url: string, context: FetchContext): Promise<FeedBytes> {
  const { http, validators = {}, signal } = context;
  const where = shownAddress(url);
  const conditions = conditionHeaders(validators);
  const headers = { 'accept-encoding': 'gzip', ...conditions };
  const answer = await http.get(url, { headers, ...(signal && { signal }) });
  if (answer.status === 200) return decompressed(answer.body, where, signal, validatorsOf(answer.headers));
  if (Object.keys(conditions).length > 0) return { kind: 'not-modified' };
  throw new ClairError('bytes/unreachable', `${where} says that nothing changed, but was not asked`);
}

async function openFile(from: string, signal: AbortSignal | undefined): Promise<FeedBytes> {
  const path = from.startsWith('file:') ? pathOfUrl(from) : from;
  return decompressed(fileBytes(path), path, signal, {});
}

async function decompressed(
  bytes: ByteStream,
  where: string,
  signal: AbortSignal | undefined,
  validators: FeedValidators,
): Promise<FeedBytes> {
  const { stream } = await decompress(bytes, { where, accept: ACCEPTED, ...(signal && { signal }) });
  return { kind: 'bytes', stream, where, validators };
}

function pathOfUrl(url: string): string {
  try {
    return fileURLToPath(url);
  } catch (error) {
    throw asClairError(error, 'bytes/not-found', `${url} names no file of this machine`);
  }
}

/** Both are sent when both are known: whoever understands the first ignores the second (RFC 9110 section 13.1.3). */
function conditionHeaders(validators: FeedValidators): Record<string, string> {
  return {
    ...(validators.etag !== undefined && { 'if-none-match': validators.etag }),
    ...(validators.lastModified !== undefined && { 'if-modified-since': validators.lastModified }),
  };
}

function validatorsOf(headers: Readonly<Record<string, string>>): FeedValidators {
  const { etag, 'last-modified': lastModified } = headers;
  return { ...(etag !== undefined && { etag }), ...(lastModified !== undefined && { lastModified }) };
}
