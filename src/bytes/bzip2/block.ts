import type { Bzip2Bits } from './bits.ts';
import { longCodeWord, MAX_CODE_BITS, type PrefixCode, prefixCode, QUICK_BITS } from './code.ts';

/** An upper bound on the size of a block header, which contains at most 24 KiB of selectors and 25 KiB of codes. */
export const MAX_BLOCK_HEADER_BYTES: number = 64 * 1024;

/** The number of symbols that share a selector. */
const GROUP_SYMBOLS = 50;
const MAX_GROUP_BYTES = Math.ceil((GROUP_SYMBOLS * MAX_CODE_BITS) / 8);

/**
 * The maximum number of steps from one code length to the next. Encoders need at most 19 steps, because they change a
 * length in one direction only.
 */
const MAX_LENGTH_STEPS = 64;

/** The lowest rank at which `copyWithin` is faster than a loop. */
const FAR_RANK = 24;

/** A block in its stored form: the last column of its sorted rotations. */
export type TransformedBlock = {
  /** The number of cells that the block occupies. */
  readonly length: number;
  readonly origin: number;
};

type BlockHeader = { readonly origin: number; readonly bytes: Uint8Array; readonly selectors: Uint8Array };

/**
 * Reads a block, starting after its checksum ("BZIP2: Format Specification", 2.2), and writes the bytes of the block
 * into `cells`, an array of the maximum block size of the level. The caller fills `bits` with the whole header first.
 *
 * @throws ClairError `bytes/truncated`, `bytes/corrupt`, or `bytes/unsupported-compression` for a randomised block; the
 * errors of the source.
 */
export async function readBlock(bits: Bzip2Bits, cells: Uint32Array): Promise<TransformedBlock> {
  const { header, codes } = readHeader(bits);
  const column = new ColumnReader(header.bytes, cells);
  for (const selector of header.selectors) {
    const code = codes[selector];
    if (code === undefined) throw bits.failure('a selector refers to an unknown code');
    if (bits.left < MAX_GROUP_BYTES * 8) await bits.fill(MAX_GROUP_BYTES);
    if (!column.readGroup(bits, code)) continue;
    if (header.origin >= column.length) throw bits.failure('the origin of a block is outside the block');
    return { length: column.length, origin: header.origin };
  }
  throw bits.failure('a block continues after its last group');
}

function readHeader(bits: Bzip2Bits): { readonly header: BlockHeader; readonly codes: readonly PrefixCode[] } {
  if (bits.read(1) === 1) {
    const what = 'has a randomised block, which only bzip2 before 0.9.5 writes; supported: bzip2 0.9.5 and later';
    throw bits.refusal('bytes/unsupported-compression', what);
  }
  const origin = bits.read(24);
  const bytes = readUsedBytes(bits);
  if (bytes.length === 0) throw bits.failure('the byte map of a block is empty');
  const codeCount = bits.read(3);
  if (codeCount < 2 || codeCount > 6) throw bits.failure(`a block has ${codeCount} codes instead of 2 to 6`);
  const selectors = readSelectors(bits, codeCount);
  // Rank 0 of the move-to-front list needs no symbol, because run digits encode rank 0. The first two symbols are run
  // digits, and the last symbol is the end of the block.
  const symbolCount = bytes.length + 2;
  const codes = Array.from({ length: codeCount }, () => prefixCode(readLengths(bits, symbolCount)));
  return { header: { origin, bytes, selectors }, codes };
}

/** Reads the set of used bytes: a bitmap of 16 bits for the ranges, and then 16 bits for each used range. */
function readUsedBytes(bits: Bzip2Bits): Uint8Array {
  const used: number[] = [];
  const ranges = bits.read(16);
  for (let range = 0; range < 16; range += 1) {
    if (((ranges << range) & 0x8000) === 0) continue;
    const members = bits.read(16);
    for (let member = 0; member < 16; member += 1) {
      if (((members << member) & 0x8000) !== 0) used.push(range * 16 + member);
    }
  }
  return Uint8Array.from(used);
}

/** Reads the selectors. Each selector is stored as a rank in a move-to-front list. */
function readSelectors(bits: Bzip2Bits, codeCount: number): Uint8Array {
  const selectors = new Uint8Array(bits.read(15));
  const recent = [0, 1, 2, 3, 4, 5];
  for (let index = 0; index < selectors.length; index += 1) {
    let place = 0;
    while (bits.read(1) === 1) {
      place += 1;
      if (place === codeCount) throw bits.failure('a selector refers to an unknown code');
    }
    recent.unshift(...recent.splice(place, 1));
    selectors[index] = recent[0] ?? 0;
  }
  return selectors;
}

/** Reads the code lengths. Each length is stored as the difference from the previous length. */
function readLengths(bits: Bzip2Bits, symbolCount: number): Uint8Array {
  const lengths = new Uint8Array(symbolCount);
  let length = bits.read(5);
  for (let symbol = 0; symbol < symbolCount; symbol += 1) {
    for (let steps = 0; ; steps += 1) {
      if (length < 1 || length > MAX_CODE_BITS)
        throw bits.failure(`a code word has ${length} bits instead of 1 to ${MAX_CODE_BITS}`);
      if (bits.read(1) === 0) break;
      if (steps === MAX_LENGTH_STEPS) {
        throw bits.failure(`the length of a code word changes in more than ${MAX_LENGTH_STEPS} steps`);
      }
      length += bits.read(1) === 0 ? 1 : -1;
    }
    lengths[symbol] = length;
  }
  return lengths;
}

/** Undoes the move-to-front coding, and the run-length coding of the first byte of the list. */
class ColumnReader {
  length = 0;
  readonly #cells: Uint32Array;
  readonly #recent: Uint8Array;
  readonly #end: number;
  /** The length of the current run so far, and the weight of the next digit of the run. */
  #run = 0;
  #worth = 1;

  constructor(bytes: Uint8Array, cells: Uint32Array) {
    this.#cells = cells;
    this.#recent = bytes;
    this.#end = bytes.length + 1;
  }

  /** Reads a group and returns whether the block ends in the group. The whole group must be buffered. */
  readGroup(bits: Bzip2Bits, code: PrefixCode): boolean {
    // The hot loop below uses local variables instead of fields.
    const { view } = bits;
    const { quick } = code;
    const cells = this.#cells;
    const recent = this.#recent;
    const end = this.#end;
    let { at } = bits;
    let { length } = this;
    let run = this.#run;
    let worth = this.#worth;
    let wrong: string | undefined;
    let ended = false;
    for (let count = 0; count < GROUP_SYMBOLS; count += 1) {
      const ahead = (view.getUint32(at >>> 3) << (at & 7)) >>> (32 - MAX_CODE_BITS);
      let entry = quick[ahead >>> (MAX_CODE_BITS - QUICK_BITS)] ?? 0;
      if (entry === 0) entry = longCodeWord(code, ahead);
      at += entry & 31;
      const symbol = entry >>> 5;
      if (symbol < 2) {
        // Symbols 0 and 1 are the digits 1 and 2 of a bijective base-2 number, lowest digit first.
        run += worth << symbol;
        worth <<= 1;
        if (entry === 0) wrong = 'some bits match no code word of their group';
        else if (run <= cells.length - length) continue;
        else wrong = `a block has more than ${cells.length} bytes, the block size of the stream`;
        break;
      }
      if (run > 0) {
        cells.fill(recent[0] ?? 0, length, length + run);
        length += run;
        run = 0;
        worth = 1;
      }
      ended = symbol === end;
      if (ended) break;
      if (length === cells.length) {
        wrong = `a block has more than ${cells.length} bytes, the block size of the stream`;
        break;
      }
      const rank = symbol - 1;
      const byte = recent[rank] ?? 0;
      if (rank < FAR_RANK) for (let place = rank; place > 0; place -= 1) recent[place] = recent[place - 1] ?? 0;
      else recent.copyWithin(1, 0, rank);
      recent[0] = byte;
      cells[length++] = byte;
    }
    bits.at = at;
    this.length = length;
    this.#run = run;
    this.#worth = worth;
    if (wrong !== undefined || bits.left < 0) throw bits.failure(wrong ?? 'a group is truncated');
    return ended;
  }
}
