import type { ByteStream } from '../../bytes/byte-stream.ts';
import { decompress } from '../../bytes/compression.ts';
import { fileBytes } from '../../bytes/file-bytes.ts';
import { ACCEPTED_COMPRESSIONS } from './document-intake.ts';
import { type NotModified, openDownload } from './download.ts';
import type { FeedValidators, FetchContext } from './fetcher.ts';
import { isFileUrl, localPath } from '../../bytes/local-path.ts';

export type FeedBytes =
  | NotModified
  | {
      readonly kind: 'bytes';
      /** The uncompressed bytes. */
      readonly stream: ByteStream;
      /** The name of the feed in messages. */
      readonly where: string;
      /**
       * The validators for the next conditional request; empty for a local file, so that the next upstream fetch reads
       * the document.
       */
      readonly validators: FeedValidators;
    };

/**
 * Opens a feed of one document. Reads the file `context.from` (a path or a `file:` URL), otherwise the document at
 * `url`, with a conditional request (RFC 9110 section 13). The first bytes determine the compression: none, gzip, xz,
 * zstd or bzip2.
 *
 * @throws ClairError `bytes/not-found`, `bytes/unreachable` or the errors of `decompress`, immediately or while the
 * stream is read
 */
export async function openFeedBytes(url: string, context: FetchContext): Promise<FeedBytes> {
  const from = context.from ?? (isFileUrl(url) ? url : undefined);
  if (from !== undefined) {
    const path = localPath(from);
    return decompressed(fileBytes(path), path, context.signal, {});
  }
  const download = await openDownload(url, context);
  if (download.kind === 'not-modified') return download;
  return decompressed(download.body, download.where, context.signal, download.validators);
}

async function decompressed(
  bytes: ByteStream,
  where: string,
  signal: AbortSignal | undefined,
  validators: FeedValidators,
): Promise<FeedBytes> {
  const options = { where, accept: ACCEPTED_COMPRESSIONS, ...(signal && { signal }) };
  const { stream } = await decompress(bytes, options);
  return { kind: 'bytes', stream, where, validators };
}
