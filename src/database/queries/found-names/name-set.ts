import { severityRank } from '../../../model/severity.ts';
import type { FoundName } from '../../contracts/found-names.ts';

/** The flags of an image's names ({@link flagsOf}), by the id of the name. */
export type NameSet = ReadonlyMap<number, number>;

/** Returns the flags of a name in an image, as a number below 64. */
export function flagsOf({ isOpen, isId, isExploited, severity }: Omit<FoundName, 'kind' | 'name'>): number {
  if (!isOpen) return 0;
  return severityRank(severity) | (isExploited ? EXPLOITED : 0) | (isId ? ID : 0) | OPEN;
}

/** The counts of a name, or the numbers that one image adds to these counts. */
export type NameNumbers = {
  readonly images: number;
  readonly ids: number;
  readonly exploited: number;
  /** The number of images by the rank of the severity. */
  readonly ranks: readonly number[];
};

/** Adds the flags of a name in one image to the counts of the name; `sign` -1 subtracts the flags. */
export function withFlags(numbers: NameNumbers, flags: number, sign: 1 | -1): NameNumbers {
  if ((flags & OPEN) === 0) return numbers;
  const rank = flags & RANK;
  return {
    images: numbers.images + sign,
    ids: numbers.ids + ((flags & ID) === 0 ? 0 : sign),
    exploited: numbers.exploited + ((flags & EXPLOITED) === 0 ? 0 : sign),
    ranks: numbers.ranks.map((count, at) => (at === rank ? count + sign : count)),
  };
}

/** Encodes a set as sorted 32-bit numbers, big-endian; each number consists of an id and its flags. */
export function encodeNames(set: NameSet): Uint8Array {
  const numbers = [...set].map(([id, flags]) => {
    if (id > MAX_ID) throw new Error(`the name id ${id} exceeds the maximum ${MAX_ID}`);
    return id * FLAGS + flags;
  });
  const bytes = Buffer.alloc(numbers.length * BYTES);
  for (const [at, number] of numbers.toSorted((one, other) => one - other).entries()) {
    bytes.writeUInt32BE(number, at * BYTES);
  }
  return bytes;
}

/** Decodes a set that {@link encodeNames} encoded. */
export function decodeNames(bytes: Uint8Array): NameSet {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const set = new Map<number, number>();
  for (let at = 0; at < bytes.byteLength; at += BYTES) {
    const number = view.getUint32(at);
    set.set(Math.floor(number / FLAGS), number % FLAGS);
  }
  return set;
}

/** Returns whether an encoded set contains at least one of the given names. */
export function hasAnyName(bytes: Uint8Array, ids: ReadonlySet<number>): boolean {
  if (ids.size <= MAX_SEARCHED) {
    for (const id of ids) if (hasName(bytes, id)) return true;
    return false;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.byteLength; at += BYTES) {
    if (ids.has(Math.floor(view.getUint32(at) / FLAGS))) return true;
  }
  return false;
}

/** The maximum number of binary searches; for more names, reading the whole set is faster. */
const MAX_SEARCHED = 20;

function hasName({ buffer, byteOffset, byteLength }: Uint8Array, id: number): boolean {
  const view = new DataView(buffer, byteOffset, byteLength);
  let [low, high] = [0, byteLength / BYTES];
  while (low < high) {
    const middle = (low + high) >> 1;
    const found = Math.floor(view.getUint32(middle * BYTES) / FLAGS);
    if (found === id) return true;
    if (found < id) low = middle + 1;
    else high = middle;
  }
  return false;
}

const BYTES = 4;

/** The bits of the flags. The three lowest bits are the rank of the severity. */
const RANK = 7;
const EXPLOITED = 8;
const ID = 16;
const OPEN = 32;
const FLAGS = 64;

/** Ids use the remaining 26 bits, which allow 67 million names; all feeds together contain fewer than a million. */
const MAX_ID = 2 ** 26 - 1;
