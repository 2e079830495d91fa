import type { PackedRange } from './layer-anchor.ts';
import type { TocEntry } from './toc-entry.ts';

/** A part of a file that can be fetched and verified on its own. */
export type FileChunk = {
  /** The stored bytes to decompress for the chunk; chunks of small files may share these bytes. */
  readonly packed: PackedRange;
  /** The number of decompressed bytes before the chunk. */
  readonly skip: number;
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
 * entry describes the file and its first chunk, and each further entry describes one chunk. Returns undefined if the
 * chunks do not cover the file exactly, if a chunk has no valid place, or if the only chunk and the file have different
 * digests.
 */
export function fileChunks(
  entries: readonly TocEntry[],
  size: number,
  place: ChunkPlaces,
): readonly FileChunk[] | undefined {
  const chunks: FileChunk[] = [];
  let at = 0;
  for (const [index, entry] of entries.entries()) {
    const { chunkOffset = 0, chunkSize = 0, chunkDigest = '', chunkType = '' } = entry;
    // The size of the last chunk may be missing: the chunk then extends to the end of the file.
    const length = chunkSize === 0 && index === entries.length - 1 ? size - at : chunkSize;
    const isPlaced = chunkOffset === at && length > 0 && at + length <= size;
    const placed = isPlaced ? place(entries, index, length) : undefined;
    if (placed === undefined) return undefined;
    const digest = entries.length === 1 ? entry.digest : chunkDigest || undefined;
    // The only chunk of a file contains the whole file, so both must have the same digest.
    if (entries.length === 1 && chunkDigest !== '' && chunkDigest !== digest) return undefined;
    chunks.push({ ...placed, at, size: length, digest, isZeros: chunkType === 'zeros' });
    at += length;
  }
  return at === size ? chunks : undefined;
}

/**
 * Returns the place of the chunk at `index` of a file's entries, or undefined for an invalid place or an unknown type of
 * chunk. Must be called for all chunks in the order of the table, because chunks must not overlap.
 */
export type ChunkPlaces = (
  entries: readonly TocEntry[],
  index: number,
  length: number,
) => Pick<FileChunk, 'packed' | 'skip'> | undefined;

/**
 * Returns the places of zstd:chunked of containers/storage, where each chunk is a frame of its own: a chunk ends where
 * the next chunk of the file begins; the last chunk ends at the `endOffset` of the first entry.
 *
 * @param end the end of the stored bytes that may contain chunks
 */
export function framePlaces(end: number): ChunkPlaces {
  let free = 1;
  return (entries, index, size) => {
    const { offset: start = 0, chunkType = '' } = entries[index] ?? {};
    const next = entries[index + 1];
    const chunkEnd = next === undefined ? (entries[0]?.endOffset ?? 0) : (next.offset ?? 0);
    const isKnown = chunkType === '' || chunkType === 'zeros';
    if (!isKnown || start < free || chunkEnd <= start || chunkEnd > end) return undefined;
    free = chunkEnd;
    return { packed: { start, end: chunkEnd, size }, skip: 0 };
  };
}

/**
 * Returns the places of stargz-snapshotter (estargz/estargz.go, `initFields`): chunks with the same offset share a gzip
 * member or a frame, each at its `innerOffset`; the shared bytes end at the next larger offset in the table.
 *
 * @param end as in {@link framePlaces}
 */
export function sharedPlaces(end: number): ChunkPlaces {
  // The layer starts with a header, so a chunk at offset 0 has an inner offset.
  let shared: { readonly start: number; end: number; size: number } = { start: 0, end, size: 1 };
  return (entries, index, size) => {
    const { offset: start = 0, innerOffset: skip = 0, chunkType = '' } = entries[index] ?? {};
    if (chunkType !== '' || start >= end) return undefined;
    if (start > shared.start) {
      shared.end = start;
      shared = { start, end, size: 0 };
    } else if (start < shared.start || skip < shared.size) return undefined;
    // The end and the size change while the chunks that share the bytes are read.
    shared.size = skip + size;
    return { packed: shared, skip };
  };
}
