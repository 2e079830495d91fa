import type { ChunkedBytes } from '../../../../bytes/chunks/chunked-bytes.ts';

/**
 * The initial view, which all readers share: an image needs thousands of readers, and a buffer for each reader would
 * take as much memory as a header.
 */
const NOTHING = new DataView(new ArrayBuffer(0));

/** Reads numbers from a binary header. Returns 0 for positions outside the bytes. */
export class FieldReader {
  readonly #bytes: ChunkedBytes;
  readonly #isLittleEndian: boolean;
  /** A view of the most recently read chunk. */
  #view: DataView = NOTHING;
  #start = 0;

  constructor(bytes: ChunkedBytes, isLittleEndian: boolean) {
    this.#bytes = bytes;
    this.#isLittleEndian = isLittleEndian;
  }

  u16(at: number): number {
    const view = this.#viewOf(at, 2);
    return view === undefined ? 0 : view.getUint16(at - this.#start, this.#isLittleEndian);
  }

  u32(at: number): number {
    const view = this.#viewOf(at, 4);
    return view === undefined ? 0 : view.getUint32(at - this.#start, this.#isLittleEndian);
  }

  /** Reads a 64-bit number. The number is inexact above 2 ** 53, but offsets in a file are smaller. */
  u64(at: number): number {
    const highAt = this.#isLittleEndian ? at + 4 : at;
    const lowAt = this.#isLittleEndian ? at : at + 4;
    return this.u32(highAt) * 2 ** 32 + this.u32(lowAt);
  }

  /** Reads a number of the size of an address: 64 or 32 bits. */
  word(at: number, is64: boolean): number {
    return is64 ? this.u64(at) : this.u32(at);
  }

  /** Returns a view that contains the `length` bytes at a position; undefined for a position outside the bytes. */
  #viewOf(at: number, length: number): DataView | undefined {
    if (at >= this.#start && at + length <= this.#start + this.#view.byteLength) return this.#view;
    if (!(at >= 0 && at + length <= this.#bytes.length)) return undefined;
    const chunk = this.#bytes.chunkAt(at);
    const isWithin = at + length <= chunk.start + chunk.bytes.length;
    const { bytes, start } = isWithin ? chunk : { bytes: this.#bytes.range(at, at + length), start: at };
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#start = start;
    return this.#view;
  }
}
