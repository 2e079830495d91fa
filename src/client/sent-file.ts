import { fileBytes, openRegularFile } from '../bytes/file-bytes.ts';
import type { ByteStream } from '../bytes/byte-stream.ts';
import { ClairError } from '../errors.ts';

/** The maximum size of an archive that a server accepts (docs/reference/limits.md), in bytes. */
export const MAX_ARCHIVE_BYTES: number = 4 * 1024 ** 3;

/** The maximum size of an SBOM that a server accepts, in bytes. */
export const MAX_SBOM_BYTES: number = 64 * 1024 ** 2;

/**
 * Returns the bytes and the size of a file to upload.
 *
 * @param maxBytes the maximum size of an upload to the server
 * @throws ClairError `bytes/not-found`, `bytes/unreachable`, `submission/too-large`
 */
export async function sentFile(
  path: string,
  maxBytes: number,
): Promise<{ readonly bytes: ByteStream; readonly size: number }> {
  const file = await openRegularFile(path);
  try {
    const { size } = await file.stat();
    if (size > maxBytes) throw tooLarge(path, maxBytes);
    return { bytes: fileBytes(path, { start: 0, length: size }), size };
  } finally {
    await file.close();
  }
}

/** Passes bytes through and reports the number of bytes. @throws ClairError `submission/too-large` beyond the limit */
export async function* boundedBytes(
  bytes: ByteStream,
  {
    where,
    maxBytes,
    read,
  }: { readonly where: string; readonly maxBytes: number; readonly read: (bytes: number) => void },
): AsyncGenerator<Uint8Array> {
  let sum = 0;
  for await (const chunk of bytes) {
    sum += chunk.length;
    if (sum > maxBytes) throw tooLarge(where, maxBytes);
    read(sum);
    yield chunk;
  }
}

function tooLarge(where: string, maxBytes: number): ClairError {
  return new ClairError('submission/too-large', `${where} exceeds the limit of ${maxBytes} bytes`);
}
