const FIRST_BYTES = 64 * 1024;
const WORD_BYTES = 4;

/** Writes numbers and texts one after another. Texts contain only characters below 256, which take one byte each. */
export class ByteWriter {
  #bytes = Buffer.alloc(FIRST_BYTES);
  #length = 0;

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length] = value;
    this.#length += 1;
  }

  /** Writes an integer below 2 ** 53 with seven bits per byte, the lowest bits first. */
  varint(value: number): void {
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.byte((rest % 128) + 128);
    this.byte(rest);
  }

  text(text: string): void {
    this.varint(text.length);
    this.#reserve(text.length);
    this.#length += this.#bytes.write(text, this.#length, 'latin1');
  }

  /** Writes each text without the prefix that it shares with the previous text. */
  sortedTexts(texts: readonly string[]): void {
    this.varint(texts.length);
    let before = '';
    for (const text of texts) {
      const common = commonLength(before, text);
      this.varint(common);
      this.text(text.slice(common));
      before = text;
    }
  }

  /**
   * Writes the differences of ascending numbers in Rice code. The code consists of the upper bits as a unary number (as
   * many 1 bits as the number, and a 0 bit) and then up to 20 lower bits. Nothing may be written afterwards.
   */
  rising(numbers: Float64Array, lowerBits: number): void {
    const last = numbers.at(-1) ?? 0;
    const bits = numbers.length * (lowerBits + 1) + Math.floor(last / 2 ** lowerBits);
    const bytes = Buffer.alloc(this.#length + Math.ceil(bits / 8) + WORD_BYTES);
    bytes.set(this.#bytes.subarray(0, this.#length));
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    let bit = 8 * this.#length;
    // V8 uses optimised code from the next call on, so each call writes only some of the numbers.
    for (let at = 0; at < numbers.length; at += STEP_NUMBERS) {
      bit = putRising(view, bit, numbers.subarray(at, at + STEP_NUMBERS), numbers[at - 1] ?? 0, lowerBits);
    }
    this.#bytes = bytes;
    this.#length = Math.ceil(bit / 8);
  }

  /** Returns a copy of the written bytes. */
  end(): Uint8Array {
    return Uint8Array.from(this.#bytes.subarray(0, this.#length));
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.alloc(2 * needed);
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}

/** The maximum count of numbers that one call of `putRising` writes. */
const STEP_NUMBERS = 1024;

/**
 * Writes numbers after the number `before` at a bit position, and returns the next position. The first bit of a byte is
 * the highest.
 */
function putRising(view: DataView, start: number, numbers: Float64Array, before: number, lowerBits: number): number {
  const scale = 2 ** lowerBits;
  let bit = start;
  let last = before;
  for (let index = 0; index < numbers.length; index += 1) {
    const number = numbers[index] ?? 0;
    const difference = number - last;
    last = number;
    const ones = Math.floor(difference / scale);
    for (const end = bit + ones; bit < end; bit += 1) {
      view.setUint8(bit >>> 3, view.getUint8(bit >>> 3) | (0x80 >>> (bit & 7)));
    }
    // The 0 bit and the lower bits take up to 4 bytes.
    const word = (difference - ones * scale) << (8 * WORD_BYTES - 1 - lowerBits - (bit & 7));
    view.setUint32(bit >>> 3, view.getUint32(bit >>> 3) | word);
    bit += lowerBits + 1;
  }
  return bit;
}

function commonLength(one: string, other: string): number {
  let at = 0;
  while (at < one.length && one.charCodeAt(at) === other.charCodeAt(at)) at += 1;
  return at;
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
