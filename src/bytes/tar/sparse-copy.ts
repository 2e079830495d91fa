import { ChunkedBytes } from '../chunks/chunked-bytes.ts';
import type { UnneededParts } from './entry.ts';

/**
 * A copy of a file without the unneeded parts. The system commits the memory of a large file only on write, so the
 * unneeded parts take neither time nor memory.
 */
export class SparseCopy {
  /** Memory with the size of the file, with arbitrary content at first. */
  readonly memory: Buffer;
  readonly #unneeded: UnneededParts | undefined;
  /** The first bytes of the file; empty once more bytes arrive. */
  #start: Buffer;
  #filled: number;
  /** The end of the last known unneeded part. */
  #unneededEnd = 0;
  /** The positions at which the parts begin: a copied part, an unneeded part, a copied part, and so on. */
  readonly #borders: number[] = [0];

  /** @param start the first bytes of the file */
  constructor(memory: Buffer, start: Buffer, unneeded: UnneededParts | undefined) {
    this.memory = memory;
    this.#unneeded = unneeded;
    this.#start = start;
    this.#filled = start.length;
    memory.set(start);
  }

  /** Adds the next bytes. */
  add(slice: Buffer): void {
    const at = this.#filled;
    this.#filled += slice.length;
    let from = at;
    for (const { start, end } of this.#unneededIn(slice, at)) {
      this.#unneededEnd = end;
      const first = Math.max(start, from);
      const last = Math.min(end, this.#filled);
      if (first >= last) continue;
      if (first > from) slice.copy(this.memory, from, from - at, first - at);
      this.#leaveOut(first, last);
      from = last;
    }
    slice.copy(this.memory, from, from - at);
  }

  /** The number of upcoming bytes that are unneeded. */
  get unneeded(): number {
    return Math.max(0, this.#unneededEnd - this.#filled);
  }

  /** Passes over the next bytes, at most {@link unneeded}. */
  leap(bytes: number): void {
    this.#leaveOut(this.#filled, this.#filled + bytes);
    this.#filled += bytes;
  }

  /** Returns the content of the file, which must be complete; unneeded parts are zeros. */
  content(): ChunkedBytes {
    const parts = this.#borders.flatMap((start, index) => {
      const end = this.#borders[index + 1] ?? this.#filled;
      return index % 2 === 0 ? [this.memory.subarray(start, end)] : zeros(end - start);
    });
    return new ChunkedBytes(parts);
  }

  #leaveOut(start: number, end: number): void {
    // The previous unneeded part can continue.
    if (this.#borders.length > 1 && this.#borders.at(-1) === start) this.#borders.pop();
    else this.#borders.push(start);
    this.#borders.push(end);
  }

  #unneededIn(slice: Buffer, at: number): ReturnType<UnneededParts> {
    if (this.#unneeded === undefined) return [];
    if (this.#start.length === 0) return this.#unneeded(slice, at);
    const bytes = Buffer.concat([this.#start, slice]);
    this.#start = bytes.subarray(0, 0);
    return this.#unneeded(bytes, 0);
  }
}

const ZEROS: Buffer = Buffer.alloc(1024 * 1024);

/** Returns chunks of zeros that all share the same memory. */
export function zeros(length: number): readonly Buffer[] {
  const count = Math.ceil(length / ZEROS.length);
  return Array.from({ length: count }, (_, index) => ZEROS.subarray(0, length - index * ZEROS.length));
}
