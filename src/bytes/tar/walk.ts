import type { ByteStream } from '../byte-stream.ts';
import { FileContent } from './file-content.ts';
import type { TarSummary, TarVisitor, TarWalkOptions } from './entry.ts';
import { TAR_LIMITS } from './limits.ts';
import { TarWalk } from './walker.ts';

/**
 * Reads a tar archive in a single pass and, apart from the requested content, in constant memory. Supports POSIX ustar
 * and PAX, GNU (long names, base-256 numbers, sparse files) and older formats. Members whose name or hard link leads
 * out of the root are counted, but not passed to the visitor. Two blocks of zeros end an archive. The walk accepts an
 * archive without these blocks, and reads and ignores data after the blocks. Where implementations differ, the walk
 * follows Go's archive/tar, which container engines use. Links, directories, devices and pipes have no body, regardless
 * of the stated size, and global PAX headers do not apply to members.
 *
 * The walk does not use a chunk of `stream` after it requests the next chunk, unless `kept` keeps the chunk.
 *
 * @throws ClairError `bytes/corrupt` (no tar archive, a wrong checksum, invalid numbers or PAX records, a sparse map
 *   that does not fit), `bytes/truncated`, `bytes/limit-exceeded`; errors of `stream` and the visitor; the abort reason
 *   of `signal`.
 */
export async function walkTar(stream: ByteStream, visitor: TarVisitor, options: TarWalkOptions): Promise<TarSummary> {
  const content = new FileContent(options.kept);
  const walk = new TarWalk(visitor, options.where, { ...TAR_LIMITS, ...options.limits }, content);
  try {
    for await (const chunk of stream) {
      options.signal?.throwIfAborted();
      walk.write(Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    }
    return walk.end();
  } finally {
    content.free();
  }
}
