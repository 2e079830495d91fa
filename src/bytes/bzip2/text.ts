import type { TransformedBlock } from './block.ts';

/** The number of equal bytes in a run; the byte after the run states the number of further repetitions. */
const RUN_BYTES = 4;

/** The maximum average expansion of a cell, in bytes, because five cells expand to at most 4 + 255 bytes. */
const MAX_EXPANSION = 52;

/**
 * Inverts the Burrows-Wheeler transform in place. Bits 8 and higher of each cell receive the index of the next cell.
 */
export function linkCells(cells: Uint32Array, length: number): void {
  const next = new Uint32Array(256);
  for (let index = 0; index < length; index += 1) {
    const byte = cells[index] ?? 0;
    next[byte] = (next[byte] ?? 0) + 1;
  }
  let sum = 0;
  for (let byte = 0; byte < 256; byte += 1) {
    const count = next[byte] ?? 0;
    next[byte] = sum;
    sum += count;
  }
  for (let index = 0; index < length; index += 1) {
    const byte = (cells[index] ?? 0) & 0xff;
    const row = next[byte] ?? 0;
    next[byte] = row + 1;
    cells[row] = (cells[row] ?? 0) | (index << 8);
  }
}

/** Walks the linked cells and expands runs. A run does not cross blocks. */
export class BlockText {
  readonly #cells: Uint32Array;
  #cell: number;
  #left: number;
  #last = -1;
  /** The number of equal bytes at the end of the output so far, and the pending repetitions of the last byte. */
  #run = 0;
  #repeat = 0;

  constructor(cells: Uint32Array, { length, origin }: TransformedBlock) {
    this.#cells = cells;
    this.#cell = cells[origin] ?? 0;
    this.#left = length;
  }

  /** Approximately the maximum number of remaining bytes, for the size of the next chunk; 0 only at the end. */
  get estimatedBytesLeft(): number {
    return this.#left * MAX_EXPANSION + this.#repeat;
  }

  get endsInRun(): boolean {
    return this.#left === 0 && this.#run === RUN_BYTES;
  }

  /** Fills `output` as far as possible and returns the number of bytes written. */
  read(output: Uint8Array): number {
    const cells = this.#cells;
    let cell = this.#cell;
    let left = this.#left;
    let last = this.#last;
    let run = this.#run;
    let at = 0;
    while (at < output.length) {
      if (this.#repeat > 0) {
        const bytes = Math.min(this.#repeat, output.length - at);
        output.fill(last, at, at + bytes);
        at += bytes;
        this.#repeat -= bytes;
        continue;
      }
      if (left === 0) break;
      left -= 1;
      cell = cells[cell >>> 8] ?? 0;
      const byte = cell & 0xff;
      if (run === RUN_BYTES) {
        this.#repeat = byte;
        run = 0;
        continue;
      }
      run = byte === last ? run + 1 : 1;
      last = byte;
      output[at++] = byte;
    }
    this.#cell = cell;
    this.#left = left;
    this.#last = last;
    this.#run = run;
    return at;
  }
}
