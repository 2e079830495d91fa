import type { ByteRange } from '../../bytes/byte-range.ts';
import type { TocEntry } from './toc-entry.ts';

/** A part of a file that can be fetched and verified alone. */
export type FileChunk = ByteRange & {
  /** The position in the file. */
  readonly at: number;
  /** The uncompressed size. */
  readonly size: number;
  /** The digest as the table of contents states it, also of zeros; absent if it states none. */
  readonly digest: string | undefined;
  /** The content is zeros, which are not fetched. */
  readonly isZeros: boolean;
};

/**
 * Returns the chunks of a file of `size` bytes, at least 1, from its entries in a table of contents: the first entry
 * describes the file and its first chunk, the others one chunk each. A chunk ends where the next chunk begins, and the
 * last chunk at the end of the file. Returns undefined if the chunks do not cover the file exactly, or lie beyond `end`,
 * or if the only chunk has another digest than the file.
 */
export function fileChunks(entries: readonly TocEntry[], size: number, end: number): readonly FileChunk[] | undefined {
  const [first] = entries;
  const fileEnd = first?.endOffset ?? 0;
  const chunks: FileChunk[] = [];
  let at = 0;
  for (const [index, entry] of entries.entries()) {
    const { offset: start = 0, chunkOffset = 0, chunkSize = 0, chunkDigest = '', chunkType = '' } = entry;
    const next = entries[index + 1];
    // The size of the last chunk may be missing: the chunk then extends to the end of the file.
    const length = chunkSize === 0 && next === undefined ? size - at : chunkSize;
    const chunkEnd = next === undefined ? fileEnd : (next.offset ?? 0);
    const isPlaced = chunkOffset === at && length > 0 && at + length <= size;
    const isKnown = chunkType === '' || chunkType === 'zeros';
    if (!isPlaced || !isKnown || start <= 0 || chunkEnd <= start || chunkEnd > end) return undefined;
    const digest = entries.length === 1 ? entry.digest : chunkDigest || undefined;
    // The only chunk of a file is the file.
    if (entries.length === 1 && chunkDigest !== '' && chunkDigest !== digest) return undefined;
    chunks.push({ start, end: chunkEnd, at, size: length, digest, isZeros: chunkType === 'zeros' });
    at += length;
  }
  return at === size ? chunks : undefined;
}
