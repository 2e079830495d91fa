import { fileBytes, openRegularFile } from '../bytes/file-bytes.ts';
import type { ByteStream } from '../bytes/byte-stream.ts';
import { ClairError } from '../errors.ts';

/** The largest archive that a server accepts (docs/reference/limits.md), in bytes. */
const MAX_ARCHIVE_BYTES = 4 * 1024 ** 3;

/**
 * Returns the bytes and the size of an archive file.
 *
 * @throws ClairError `bytes/not-found`, `bytes/unreachable`, `submission/too-large`
 */
export async function archiveInFile(path: string): Promise<{ readonly bytes: ByteStream; readonly size: number }> {
  const file = await openRegularFile(path);
  try {
    const { size } = await file.stat();
    if (size > MAX_ARCHIVE_BYTES) throw tooLarge(path);
    return { bytes: fileBytes(path, { start: 0, length: size }), size };
  } finally {
    await file.close();
  }
}

/** Returns the bytes unchanged and reports their count. @throws ClairError `submission/too-large` beyond the limit */
export async function* boundedArchive(
  bytes: ByteStream,
  { where, read }: { readonly where: string; readonly read: (bytes: number) => void },
): AsyncGenerator<Uint8Array> {
  let sum = 0;
  for await (const chunk of bytes) {
    sum += chunk.length;
    if (sum > MAX_ARCHIVE_BYTES) throw tooLarge(where);
    read(sum);
    yield chunk;
  }
}

function tooLarge(where: string): ClairError {
  return new ClairError('submission/too-large', `${where} exceeds the limit of ${MAX_ARCHIVE_BYTES} bytes`);
}
