import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { shownName } from '../../bytes/tar/name.ts';
import { zeros } from '../../bytes/tar/sparse-copy.ts';
import { ClairError } from '../../errors.ts';
import type { ChunkReader } from './chunk-reader.ts';
import type { FileChunk } from './file-chunks.ts';
import { checkHash } from './packed-document.ts';
import type { SplitFile } from './split-walk.ts';
import type { TocMember } from './table-of-contents.ts';

/** Returns the chunks that are probably needed; the other chunks are requested only when the walk needs them. */
export function likelyChunks({ member, wish }: Pick<SplitFile, 'member' | 'wish'>): TocMember['chunks'] {
  if (wish === false) return [];
  return wish === 'start' && !isProgram(member) ? member.chunks.slice(0, 1) : member.chunks;
}

/** Passes the contents of files to the walk. */
export type ContentPasser = {
  /**
   * Passes the content of a file until the walk needs no more of it. Verifies each fetched chunk, and the digest of a
   * file that is read to its end; wanted files, and probable programs whose start is wanted, are always read to their
   * end. Of any other file that does not start like a program, at most the first chunk is fetched and verified.
   *
   * @throws ClairError `bytes/digest-mismatch`; `bytes/limit-exceeded` for too many zeros; errors of the chunk reader
   */
  readonly pass: (file: SplitFile) => Promise<void>;
};

/** Creates a passer for one layer. @param maxZeroBytes the maximum number of zeros in all files */
export function createContentPasser(reader: ChunkReader, maxZeroBytes: number, where: string): ContentPasser {
  let zeroBytes = 0;

  async function* zerosOf({ size, digest }: FileChunk): AsyncGenerator<Buffer> {
    zeroBytes += size;
    if (zeroBytes > maxZeroBytes) {
      throw new ClairError(
        'bytes/limit-exceeded',
        `${where}: the files that Clair reads have more than ${maxZeroBytes} bytes of zeros`,
      );
    }
    const hash = createHash('sha256');
    for (const piece of zeros(size)) {
      hash.update(piece);
      yield piece;
      // Hashing all zeros at once would block the event loop.
      await setImmediate();
    }
    checkHash(hash, digest, `${where}: a range of zeros in a file`);
  }

  return {
    async pass({ member, wish, walk }) {
      const { name, chunks, size, digest } = member;
      const isRead = wish !== false && (wish !== 'start' || isProgram(member));
      const fileEnd = chunks.at(-1)?.packed.end ?? 0;
      const hash = createHash('sha256');
      for (const chunk of chunks) {
        const rest = size - chunk.at;
        if (walk.unwanted >= rest && !isRead) {
          walk.leap(rest);
          return;
        }
        const pieces = chunk.isZeros ? zerosOf(chunk) : [await reader.content(chunk, fileEnd)];
        for await (const piece of pieces) {
          // The digest of an only chunk is the digest of the file, and is already verified.
          if (chunks.length > 1) hash.update(piece);
          if (walk.unwanted >= piece.length) walk.leap(piece.length);
          else walk.write(piece);
        }
      }
      if (chunks.length > 1) checkHash(hash, digest, `${where}: file ${shownName(name)}`);
    },
  };
}

/** Matches names of programs and libraries, which detectors recognise by their content instead of their names. */
const PROGRAM_NAME = /\.(?:so(?:\.[\w.]*)?|dll|exe|dylib|node)$/;

const EXECUTABLE = 0o111;

function isProgram({ mode, name }: TocMember): boolean {
  return (mode & EXECUTABLE) !== 0 || PROGRAM_NAME.test(name);
}
