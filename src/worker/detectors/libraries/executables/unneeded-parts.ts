import { ChunkedBytes } from '../../../../bytes/chunks/chunked-bytes.ts';
import type { ByteRange } from '../../../../bytes/byte-range.ts';
import type { UnneededParts } from '../../../../bytes/tar/entry.ts';
import { zeros } from '../../../../bytes/tar/sparse-copy.ts';
import { placeOfNames } from '../golang/functions/name-block.ts';
import { findElfCode } from './elf-code.ts';

/** Linkers write about 5 sections with code and about 20 sections with data. */
const MAX_PARTS = 64;

/** The header of a function table. */
const TABLE_HEADER_BYTES = 8 + 8 * 8;

/**
 * Creates a function that finds the parts of a program that are needed only to search for strings: the machine code of
 * ELF files and, in Go's function table, everything after the names.
 *
 * @param size the size of the program
 * @param ends the number of bytes at each end that are always needed
 * @param begun receives the maximum number of needed bytes once the first bytes of the program arrive
 */
export function createUnneededParts(
  size: number,
  ends: number,
  begun: (needed: number) => void = () => undefined,
): UnneededParts {
  let data: readonly ByteRange[] = [];
  let unneeded: readonly ByteRange[] = [];
  return (bytes, at) => {
    if (at === 0) {
      const found = findElfCode(new ChunkedBytes([bytes]));
      unneeded = found?.code.slice(0, MAX_PARTS) ?? [];
      data = found?.data.slice(0, MAX_PARTS) ?? [];
      begun(size - lengthOf(withoutOverlap(unneeded.map((part) => within(part, ends, size - ends)))));
    }
    const end = at + bytes.length;
    const rests = data.flatMap((section) => {
      const isHere = section.start >= at && section.start + TABLE_HEADER_BYTES <= end && section.end <= size;
      return isHere ? restOfTable(bytes.subarray(section.start - at), section) : [];
    });
    unneeded = [...unneeded, ...rests];
    const here = unneeded.filter((part) => part.start < end);
    return withoutOverlap(here.map((part) => within(part, Math.max(at, ends), size - ends)));
  };
}

/** Go's linker writes the function table at the start of a section. */
function restOfTable(bytes: Buffer, { start, end }: ByteRange): readonly ByteRange[] {
  const arrived = bytes.subarray(0, end - start);
  // `placeOfNames()` reads only the header, so zeros can replace the bytes that have not arrived.
  const table = new ChunkedBytes([arrived, ...zeros(end - start - arrived.length)]);
  const names = placeOfNames(table, 0);
  return typeof names === 'object' ? [{ start: start + names.end, end }] : [];
}

function within({ start, end }: ByteRange, first: number, last: number): ByteRange {
  return { start: Math.max(start, first), end: Math.min(end, last) };
}

function lengthOf(ranges: readonly ByteRange[]): number {
  return ranges.reduce((sum, { start, end }) => sum + end - start, 0);
}

function withoutOverlap(parts: readonly ByteRange[]): readonly ByteRange[] {
  const sorted = parts.filter(({ start, end }) => start < end).toSorted((a, b) => a.start - b.start);
  let before = 0;
  return sorted.flatMap(({ start, end }) => {
    const range = { start: Math.max(start, before), end };
    before = Math.max(before, end);
    return range.start < range.end ? [range] : [];
  });
}
