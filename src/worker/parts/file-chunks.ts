import type { ByteRange } from '../../bytes/byte-range.ts';
import type { TocEntry } from './toc-entry.ts';

/** A part of a file that can be fetched and verified on its own. */
export type FileChunk = ByteRange & {
  /** The position in the file. */
  readonly at: number;
  /** The uncompressed size. */
  readonly size: number;
  /** The digest in the table of contents, also for zeros; undefined if the table states no digest. */
  readonly digest: string | undefined;
  /** Whether the content consists only of zeros, which are not fetched. */
  readonly isZeros: boolean;
};

/**
 * Returns the chunks of a file of `size` bytes, at least 1, from the file's entries in a table of contents: the first
 * entry describes the file and its first chunk, and each further entry describes one chunk. A chunk ends where the next
 * chunk begins; the last chunk ends at the `endOffset` of the first entry. Returns undefined if the chunks do not cover
 * the file exactly, if a chunk extends beyond `end` or has an unknown type, or if the only chunk and the file have
 * different digests.
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
    // The only chunk of a file contains the whole file, so both must have the same digest.
    if (entries.length === 1 && chunkDigest !== '' && chunkDigest !== digest) return undefined;
    chunks.push({ start, end: chunkEnd, at, size: length, digest, isZeros: chunkType === 'zeros' });
    at += length;
  }
  return at === size ? chunks : undefined;
}
