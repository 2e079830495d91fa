/** Reads numbers of a binary header. Positions outside of the bytes give 0. */
export class FieldReader {
  readonly #view: DataView;
  readonly #isLittleEndian: boolean;

  constructor(bytes: Uint8Array, isLittleEndian: boolean) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#isLittleEndian = isLittleEndian;
  }

  u16(at: number): number {
    return at >= 0 && at + 2 <= this.#view.byteLength ? this.#view.getUint16(at, this.#isLittleEndian) : 0;
  }

  u32(at: number): number {
    return at >= 0 && at + 4 <= this.#view.byteLength ? this.#view.getUint32(at, this.#isLittleEndian) : 0;
  }

  /** Inexact above 2 ** 53; offsets in a file are smaller. */
  u64(at: number): number {
    const [high, low] = this.#isLittleEndian ? [at + 4, at] : [at, at + 4];
    return this.u32(high) * 2 ** 32 + this.u32(low);
  }

  /** A number of the size of an address: 64 or 32 bits. */
  word(at: number, is64: boolean): number {
    return is64 ? this.u64(at) : this.u32(at);
  }
}
