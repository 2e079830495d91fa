import type { ByteStream } from '../byte-stream.ts';
import type { TarSummary, TarVisitor, TarWalkOptions } from './entry.ts';
import { TAR_LIMITS } from './limits.ts';
import { TarWalk } from './walker.ts';

/**
 * Reads a tar archive in one pass and in constant memory: POSIX ustar and PAX, GNU (long names, base-256 numbers,
 * sparse files) and what came before them. Members that climb out of the root are counted, not shown. What follows the
 * two blocks of zeros that end an archive is read and ignored; the blocks themselves may be missing. Where
 * implementations differ it follows Go's archive/tar, with which the container engines unpack layers: links,
 * directories and devices have no body whatever size they state, and global PAX headers say nothing of members.
 *
 * Chunks of `stream` must not be written to once they are handed over.
 *
 * @throws ClairError `bytes/corrupt` (no tar, a wrong checksum, numbers or PAX records that are none, a sparse map that
 * does not fit), `bytes/truncated`, `bytes/limit-exceeded`; what `stream` and the visitor throw; the reason of `signal`.
 */
export async function walkTar(stream: ByteStream, visitor: TarVisitor, options: TarWalkOptions): Promise<TarSummary> {
  const walk = new TarWalk(visitor, options.where, { ...TAR_LIMITS, ...options.limits });
  for await (const chunk of stream) {
    options.signal?.throwIfAborted();
    walk.write(Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
  }
  return walk.end();
}
