import { ClairError } from '../../errors.ts';
import { BLOCK_BYTES, parseSize } from './header.ts';

/**
 * The maximum number of parts of a sparse file. Real files have a few hundred parts, and the map of a file is held in
 * memory.
 */
export const MAX_SPARSE_PARTS = 65_536;

/** The offset and length of each stored part of a sparse file, in a flat list. */
export type SparseMap = readonly number[];

/** The parts in a block of an old GNU map, and whether another block follows. */
export type SparseBlock = { readonly map: SparseMap; readonly extended: boolean };

/**
 * The layout of the old GNU format (GNU tar manual, "Basic Tar Format", `struct oldgnu_header` and `struct
 * sparse_header`).
 */
const NUMBER_BYTES = 12;
const HEADER_MAP = { at: 386, parts: 4, extendedAt: 482, realSizeAt: 483 };
const EXTENSION_MAP = { at: 0, parts: 21, extendedAt: 504 };

/**
 * Parses the old GNU sparse map and the real size of the file in the member's header at `at`.
 *
 * @throws ClairError `bytes/corrupt` or `bytes/limit-exceeded` for an invalid number.
 */
export function parseSparseHeader(bytes: Buffer, at: number, where: string): SparseBlock & { realSize: number } {
  const realSize = parseSize(bytes, at + HEADER_MAP.realSizeAt, NUMBER_BYTES, where);
  return { ...parseSparseBlock(bytes, at, HEADER_MAP, where), realSize };
}

/** Parses a continuation block of an old GNU sparse map. @throws the errors of {@link parseSparseHeader} */
export function parseSparseExtension(bytes: Buffer, at: number, where: string): SparseBlock {
  return parseSparseBlock(bytes, at, EXTENSION_MAP, where);
}

/**
 * Expands the stored parts of a sparse file, with zeros in between.
 *
 * @param stored the bytes in the archive.
 * @param map the positions of the parts; null if `stored` starts with the map (PAX format 1.0). The map consists of
 *   decimal lines, padded to a block: the number of parts, and the offset and length of each part
 * @param realSize the size of the expanded file, which the caller must limit
 * @throws ClairError `bytes/corrupt` if the map does not fit the file or the stored bytes; `bytes/limit-exceeded` if
 *   the map has too many parts
 */
export function expandSparse(stored: Buffer, map: SparseMap | null, realSize: number, where: string): Buffer {
  const source = map === null ? splitMap(stored, where) : { map, at: 0 };
  const file = Buffer.alloc(realSize);
  let from = source.at;
  let last = 0;
  for (let index = 0; index < source.map.length; index += 2) {
    const offset = source.map[index] ?? 0;
    const length = source.map[index + 1] ?? -1;
    if (length < 0 || offset < last || offset + length > realSize || from + length > stored.length) {
      throw new ClairError(
        'bytes/corrupt',
        `${where}: the sparse map has a part that is incomplete, too long, or before the end of the previous part`,
      );
    }
    stored.copy(file, offset, from, from + length);
    from += length;
    last = offset + length;
  }
  return file;
}

function parseSparseBlock(
  bytes: Buffer,
  at: number,
  layout: { readonly at: number; readonly parts: number; readonly extendedAt: number },
  where: string,
): SparseBlock {
  const map: number[] = [];
  for (let part = 0; part < layout.parts; part++) {
    const partAt = at + layout.at + part * 2 * NUMBER_BYTES;
    // An unused slot has no length and ends the map (GNU tar, sparse.c).
    if (bytes[partAt + NUMBER_BYTES] === 0) break;
    map.push(
      parseSize(bytes, partAt, NUMBER_BYTES, where),
      parseSize(bytes, partAt + NUMBER_BYTES, NUMBER_BYTES, where),
    );
  }
  return { map, extended: bytes[at + layout.extendedAt] !== 0 };
}

function splitMap(stored: Buffer, where: string): { readonly map: SparseMap; readonly at: number } {
  let at = 0;
  function nextNumber(): number {
    const end = stored.indexOf('\n', at, 'latin1');
    const digits = end === -1 || end - at > NUMBER_BYTES + 4 ? '' : stored.toString('latin1', at, end);
    const value = /^[0-9]+$/.test(digits) ? Number(digits) : Number.NaN;
    if (!Number.isSafeInteger(value))
      throw new ClairError('bytes/corrupt', `${where}: the sparse map has a missing or invalid number`);
    at = end + 1;
    return value;
  }
  const parts = nextNumber();
  if (parts > MAX_SPARSE_PARTS) {
    throw new ClairError('bytes/limit-exceeded', `${where}: the file has more than ${MAX_SPARSE_PARTS} sparse parts`);
  }
  const map = Array.from({ length: 2 * parts }, nextNumber);
  return { map, at: Math.ceil(at / BLOCK_BYTES) * BLOCK_BYTES };
}
