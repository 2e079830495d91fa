import type { Bzip2Bits } from './bits.ts';
import { longCodeWord, MAX_CODE_BITS, type PrefixCode, prefixCode, QUICK_BITS } from './code.ts';

/** The header of a block never takes more: 24 KiB of selectors, and as many of codes. */
export const MAX_BLOCK_HEADER_BYTES: number = 64 * 1024;

/** So many symbols are read with one code before the next selector names another. */
const GROUP_SYMBOLS = 50;
const MAX_GROUP_BYTES = Math.ceil((GROUP_SYMBOLS * MAX_CODE_BITS) / 8);

/** The length of a code word is told in steps of one bit; nobody goes up and down on the way. */
const MAX_LENGTH_STEPS = 64;

/** From here on moving the ranks as a whole is quicker than one by one. */
const FAR_RANK = 24;

/** A block as it was written: the last column of its sorted rotations. */
export type TransformedBlock = {
  /** How many of the cells hold a byte. */
  readonly length: number;
  /** The row of the rotation that is the block itself. */
  readonly origin: number;
};

type BlockHeader = { readonly origin: number; readonly bytes: Uint8Array; readonly selectors: Uint8Array };

/**
 * Reads a block from behind its checksum on ("BZIP2: Format Specification", 2.2) and writes its bytes into `cells`, of
 * which there are as many as the level allows. The header must lie ready in `bits`.
 *
 * @throws ClairError `bytes/truncated`, `bytes/corrupt`, or `bytes/unsupported-compression` for a randomised block.
 */
export async function readBlock(bits: Bzip2Bits, cells: Uint32Array): Promise<TransformedBlock> {
  const { header, codes } = readHeader(bits);
  const column = new ColumnReader(header.bytes, cells);
  for (const selector of header.selectors) {
    const code = codes[selector];
    if (code === undefined) throw bits.failure('a selector names no code');
    if (bits.left < MAX_GROUP_BYTES * 8) await bits.fill(MAX_GROUP_BYTES);
    if (!column.readGroup(bits, code)) continue;
    if (header.origin >= column.length) throw bits.failure('a block starts outside of itself');
    return { length: column.length, origin: header.origin };
  }
  throw bits.failure('a block does not end with its last group');
}

function readHeader(bits: Bzip2Bits): { readonly header: BlockHeader; readonly codes: readonly PrefixCode[] } {
  if (bits.read(1) === 1) {
    const what = 'has a randomised block, as only releases before 0.9.5 wrote; supported: later ones';
    throw bits.refusal('bytes/unsupported-compression', what);
  }
  const origin = bits.read(24);
  const bytes = readUsedBytes(bits);
  if (bytes.length === 0) throw bits.failure('a block uses no bytes');
  const codeCount = bits.read(3);
  if (codeCount < 2 || codeCount > 6) throw bits.failure(`a block has ${codeCount} codes`);
  const selectors = readSelectors(bits, codeCount);
  // The bytes but the first one, two digits of runs before them and the end behind them.
  const symbolCount = bytes.length + 2;
  const codes = Array.from({ length: codeCount }, () => prefixCode(readLengths(bits, symbolCount)));
  return { header: { origin, bytes, selectors }, codes };
}

/** Two levels of bits, 16 and up to 16 times 16, tell which bytes occur. */
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

/** One code for each group, told by its place among those that were used last. */
function readSelectors(bits: Bzip2Bits, codeCount: number): Uint8Array {
  const selectors = new Uint8Array(bits.read(15));
  const recent = [0, 1, 2, 3, 4, 5];
  for (let index = 0; index < selectors.length; index += 1) {
    let place = 0;
    while (bits.read(1) === 1) {
      place += 1;
      if (place === codeCount) throw bits.failure('a selector names no code');
    }
    recent.unshift(...recent.splice(place, 1));
    selectors[index] = recent[0] ?? 0;
  }
  return selectors;
}

/** The lengths of code words, each told by its difference to the one before. */
function readLengths(bits: Bzip2Bits, symbolCount: number): Uint8Array {
  const lengths = new Uint8Array(symbolCount);
  let length = bits.read(5);
  for (let symbol = 0; symbol < symbolCount; symbol += 1) {
    for (let steps = 0; ; steps += 1) {
      if (length < 1 || length > MAX_CODE_BITS) throw bits.failure(`a code word of ${length} bits`);
      if (bits.read(1) === 0) break;
      if (steps === MAX_LENGTH_STEPS) throw bits.failure('the length of a code word is told in too many steps');
      length += bits.read(1) === 0 ? 1 : -1;
    }
    lengths[symbol] = length;
  }
  return lengths;
}

/** Undoes the two steps before the prefix codes: runs of the most recent byte, and bytes by how recent they are. */
class ColumnReader {
  length = 0;
  readonly #cells: Uint32Array;
  /** The bytes that occur, the most recent one first. */
  readonly #recent: Uint8Array;
  readonly #end: number;
  /** The run that was begun, and what the next digit of it is worth. */
  #run = 0;
  #worth = 1;

  constructor(bytes: Uint8Array, cells: Uint32Array) {
    this.#cells = cells;
    this.#recent = bytes;
    this.#end = bytes.length + 1;
  }

  /** Reads a group, which must lie ready, and tells whether the block ends in it. */
  readGroup(bits: Bzip2Bits, code: PrefixCode): boolean {
    // All in local variables: this loop is where the time goes.
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
        // Digits 1 and 2 of a number in base 2, the lowest first.
        run += worth << symbol;
        worth <<= 1;
        if (entry === 0) wrong = 'a code word that its code does not have';
        else if (run <= cells.length - length) continue;
        else wrong = 'a block is longer than its level allows';
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
        wrong = 'a block is longer than its level allows';
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
    if (wrong !== undefined || bits.left < 0) throw bits.failure(wrong ?? 'a group is cut off');
    return ended;
  }
}
