import type { FileHandle } from 'node:fs/promises';
import { ClairError } from '../errors.ts';
import { openRegularFile, unreadableFile } from './file-bytes.ts';
import type { TarSummary, TarVisitor, TarWalkOptions } from './tar.ts';
import { TAR_LIMITS } from './tar-limits.ts';
import { TarWalk } from './tar-walk.ts';

/** What is read first and behind each leap, where there may be but one header before the next leap. */
const LEAST_READ_BYTES = 64 * 1024;

/** What is read at a time once members turn out to be small. Bodies up to here are read: a leap would save nothing. */
const MOST_READ_BYTES = 256 * 1024;

/**
 * Reads a tar archive that lies uncompressed in a file, as `walkTar()` reads a stream, but leaps over large bodies that
 * nobody wants, and over all that follows the end of the archive.
 *
 * @throws ClairError what `walkTar()` throws; `bytes/not-found` and `bytes/unreachable` as `fileBytes()` does.
 */
export async function walkTarFile(path: string, visitor: TarVisitor, options: TarWalkOptions): Promise<TarSummary> {
  const walk = new TarWalk(visitor, options.where, { ...TAR_LIMITS, ...options.limits });
  const file = await openRegularFile(path);
  try {
    const { size } = await file.stat();
    let readBytes = LEAST_READ_BYTES;
    for (let position = 0; position < size && !walk.isOver; ) {
      options.signal?.throwIfAborted();
      if (walk.unwanted > MOST_READ_BYTES) {
        // What the file has not got stays unwanted, and tells the walk that a body is cut off.
        const leap = Math.min(walk.unwanted, size - position);
        walk.leap(leap);
        position += leap;
        readBytes = LEAST_READ_BYTES;
      } else {
        const chunk = await chunkAt(file, path, position, Math.min(readBytes, size - position));
        walk.write(chunk);
        position += chunk.length;
        readBytes = Math.min(2 * readBytes, MOST_READ_BYTES);
      }
    }
    return walk.end();
  } finally {
    await file.close();
  }
}

/** Reads up to `length` bytes; new memory each time, since the walk keeps parts of it. */
async function chunkAt(file: FileHandle, path: string, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(length);
  const { bytesRead } = await file.read(buffer, 0, length, position).catch((error: unknown) => {
    throw unreadableFile(error, path);
  });
  if (bytesRead > 0) return buffer.subarray(0, bytesRead);
  throw new ClairError('bytes/truncated', `${path} became shorter than ${position + length} bytes while it was read`);
}
