const FIRST_BYTES = 64 * 1024;

/** Writes numbers and texts one after another. Texts contain only characters below 256, which take one byte each. */
export class ByteWriter {
  #bytes = new Uint8Array(FIRST_BYTES);
  #length = 0;

  byte(value: number): void {
    if (this.#length === this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#bytes.length);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes[this.#length] = value;
    this.#length += 1;
  }

  /** Writes an integer below 2 ** 53 with seven bits per byte, the lowest bits first. */
  varint(value: number): void {
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.byte((rest % 128) + 128);
    this.byte(rest);
  }

  text(text: string, start = 0): void {
    this.varint(text.length - start);
    for (let at = start; at < text.length; at += 1) this.byte(text.charCodeAt(at));
  }

  /** Writes each text without the prefix that it shares with the previous text. */
  sortedTexts(texts: readonly string[]): void {
    this.varint(texts.length);
    let before = '';
    for (const text of texts) {
      let common = 0;
      while (common < before.length && before.charCodeAt(common) === text.charCodeAt(common)) common += 1;
      this.varint(common);
      this.text(text, common);
      before = text;
    }
  }

  /**
   * Writes the differences of ascending numbers in Rice code. The code consists of the upper bits as a unary number (as
   * many 1 bits as the number, and a 0 bit) and then up to 20 lower bits. Nothing may be written afterwards. The method
   * is a single loop with local variables, because a program has 100,000 numbers and V8 optimises small methods of a
   * class late.
   */
  rising(numbers: Float64Array, lowerBits: number): void {
    const last = numbers.at(-1) ?? 0;
    const bits = numbers.length * (lowerBits + 1) + Math.floor(last / 2 ** lowerBits);
    const bytes = new Uint8Array(this.#length + Math.ceil(bits / 8));
    bytes.set(this.#bytes.subarray(0, this.#length));
    let at = this.#length;
    /** The bits that do not fill a byte yet. There are at most 7 bits, and the first bit is the highest. */
    let waiting = 0;
    let count = 0;
    let before = 0;
    for (let index = 0; index < numbers.length; index += 1) {
      const number = numbers[index] ?? 0;
      const difference = number - before;
      before = number;
      let ones = Math.floor(difference / 2 ** lowerBits);
      const lower = difference - ones * 2 ** lowerBits;
      for (; ones > 0; ones -= 1) {
        waiting = (waiting << 1) | 1;
        count += 1;
        if (count < 8) continue;
        bytes[at] = waiting;
        at += 1;
        waiting = 0;
        count = 0;
      }
      waiting = (waiting << (lowerBits + 1)) | lower;
      count += lowerBits + 1;
      while (count >= 8) {
        count -= 8;
        bytes[at] = waiting >>> count;
        at += 1;
        waiting &= (1 << count) - 1;
      }
    }
    if (count > 0) bytes[at] = waiting << (8 - count);
    this.#bytes = bytes;
    this.#length = count > 0 ? at + 1 : at;
  }

  /** Returns a copy of the written bytes. */
  end(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }
}

/** Reads the output of {@link ByteWriter}. Throws an Error at the end of the bytes. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  #bits = 0;
  #bitCount = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new Error('the function list of a program is truncated');
    this.#at += 1;
    return byte;
  }

  varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      value += (byte % 128) * scale;
      if (byte < 128) return value;
      if (scale > 2 ** 46) throw new Error('the function list of a program contains a number that is too large');
    }
  }

  /** Reads the number of items that follow. Each item has at least one byte or, in Rice code, two bits. */
  count(): number {
    const count = this.varint();
    if (count > 4 * this.#bytes.length) throw new Error('the function list of a program is truncated');
    return count;
  }

  text(): string {
    const length = this.varint();
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new Error('the function list of a program is truncated');
    const text = Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset + this.#at, length).toString('latin1');
    this.#at = end;
    return text;
  }

  sortedTexts(): readonly string[] {
    let before = '';
    return Array.from({ length: this.count() }, () => {
      const common = this.varint();
      before = before.slice(0, common) + this.text();
      return before;
    });
  }

  rice(lowerBits: number): number {
    let value = 0;
    while (this.#bit() === 1) value += 1;
    for (let bit = 0; bit < lowerBits; bit += 1) value = value * 2 + this.#bit();
    return value;
  }

  #bit(): number {
    if (this.#bitCount === 0) {
      this.#bits = this.byte();
      this.#bitCount = 8;
    }
    this.#bitCount -= 1;
    return (this.#bits >> this.#bitCount) & 1;
  }
}
