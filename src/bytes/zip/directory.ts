import type { ZipBytes } from './bytes.ts';
import { END, END_64, END_64_BYTES, END_64_LOCATOR, END_64_LOCATOR_BYTES, END_BYTES } from './headers.ts';

/** The central directory of an archive. */
export type ZipDirectory = {
  readonly start: number;
  readonly end: number;
  /**
   * The number to add to the offsets of members: the size of a script before the archive, or 0 if the offsets include
   * the script.
   */
  readonly base: number;
  /** The stated number of members, modulo {@link COUNT_RANGE}. */
  readonly count: number;
};

/** Archives without Zip64 state only the lower 16 bits of the number of members. */
export const COUNT_RANGE = 0x10000;

const MAX_COMMENT_BYTES = 0xffff;

/** The maximum size of the records at the end, including the Zip64 records. */
const MAX_END_BYTES = END_64_BYTES + END_64_LOCATOR_BYTES + END_BYTES + MAX_COMMENT_BYTES;

/**
 * Finds the central directory by means of the record at the end of the archive. Returns undefined if the archive has no
 * such record.
 */
export function findDirectory(bytes: ZipBytes): ZipDirectory | undefined {
  const from = Math.max(0, bytes.length - MAX_END_BYTES);
  const tail = bytes.range(from, bytes.length);
  for (let at = tail.length - END_BYTES; at >= 0; at -= 1) {
    if (tail[at] !== 0x50 || tail.readUInt32LE(at) !== END) continue;
    if (at + END_BYTES + tail.readUInt16LE(at + 20) > tail.length) continue;
    const directory = zip64Directory(tail, at, from) ?? {
      end: from + at,
      size: tail.readUInt32LE(at + 12),
      offset: tail.readUInt32LE(at + 16),
      count: tail.readUInt16LE(at + 10),
    };
    const found = directoryBefore(directory);
    if (found !== undefined) return found;
  }
  return undefined;
}

type EndRecord = { readonly end: number; readonly size: number; readonly offset: number; readonly count: number };

/**
 * Reads the Zip64 record directly before its locator, because the offset in the locator is wrong if a script precedes
 * the archive.
 */
function zip64Directory(tail: Buffer, endAt: number, from: number): EndRecord | undefined {
  const locator = endAt - END_64_LOCATOR_BYTES;
  const at = locator - END_64_BYTES;
  if (at < 0 || tail.readUInt32LE(locator) !== END_64_LOCATOR || tail.readUInt32LE(at) !== END_64) return undefined;
  const field = (offset: number): number => Number(tail.readBigUInt64LE(at + offset));
  return { end: from + at, size: field(40), offset: field(48), count: field(32) % COUNT_RANGE };
}

/** Finds the directory by its size, as `java.util.zip.ZipFile` does. The directory ends where the end record begins. */
function directoryBefore({ end, size, offset, count }: EndRecord): ZipDirectory | undefined {
  const start = end - size;
  const base = start - offset;
  return start < 0 || base < 0 ? undefined : { start, end, base, count };
}
