/** The bytes of a file in the chunks in which the bytes arrived, so that reading a large file needs no copy. */
export class ChunkedBytes {
  readonly length: number;
  readonly #chunks: readonly Buffer[];
  /** The position at which each chunk begins. */
  readonly #starts: readonly number[];
  /** The index of the most recently used chunk; the next position to read is usually nearby. */
  #last = 0;

  /** Does not copy the chunks, so the caller must not modify the chunks later. */
  constructor(chunks: readonly Uint8Array[]) {
    const [buffers, starts]: [Buffer[], number[]] = [[], []];
    let length = 0;
    for (const chunk of chunks) {
      if (chunk.length === 0) continue;
      buffers.push(bufferOf(chunk));
      starts.push(length);
      length += chunk.length;
    }
    this.#chunks = buffers;
    this.#starts = starts;
    this.length = length;
  }

  /** Returns the byte at a position; undefined for a position outside the file. */
  at(position: number): number | undefined {
    if (!(position >= 0 && position < this.length)) return undefined;
    const index = this.#indexAt(position);
    return this.#chunks[index]?.[position - (this.#starts[index] ?? 0)];
  }

  /**
   * Returns the chunk that contains a position, and the position of the start of the chunk. The position must be in the
   * file.
   */
  chunkAt(position: number): { readonly bytes: Buffer; readonly start: number } {
    const index = this.#indexAt(position);
    return { bytes: this.#chunks[index] ?? Buffer.alloc(0), start: this.#starts[index] ?? 0 };
  }

  /**
   * Returns the bytes from `start` to `end`, or to the end of the file if the file ends first. Copies the bytes only if
   * the range spans several chunks.
   */
  range(start: number, end: number): Buffer {
    const [first, ...others] = this.#parts(start, end);
    if (first === undefined) return Buffer.alloc(0);
    return others.length === 0 ? first : Buffer.concat([first, ...others]);
  }

  /** Returns all bytes as a single buffer. Copies the bytes if the file has several chunks. */
  whole(): Buffer {
    return this.range(0, this.length);
  }

  /**
   * Returns the part of the file from `start` to `end`, or to the end of the file if the file ends first. Does not
   * copy.
   */
  slice(start: number, end: number): ChunkedBytes {
    return new ChunkedBytes(this.#parts(start, end));
  }

  /** Returns the first position of `wanted` at or after `start`; -1 if `wanted` does not occur there. */
  indexOf(wanted: Uint8Array, start: number): number {
    for (let from = Math.max(0, start); from < this.length; ) {
      const { bytes, start: chunkStart } = this.chunkAt(from);
      const found = bytes.indexOf(wanted, from - chunkStart);
      if (found !== -1) return chunkStart + found;
      const chunkEnd = chunkStart + bytes.length;
      const borderStart = Math.max(from, chunkEnd - wanted.length + 1);
      const border = chunkEnd < this.length ? this.range(borderStart, chunkEnd + wanted.length - 1) : undefined;
      const across = border?.indexOf(wanted) ?? -1;
      if (across !== -1) return borderStart + across;
      from = chunkEnd;
    }
    return -1;
  }

  #parts(start: number, end: number): readonly Buffer[] {
    const first = Math.max(0, start);
    const last = Math.min(end, this.length);
    const parts: Buffer[] = [];
    if (!(first < last)) return parts;
    for (let index = this.#indexAt(first); index < this.#chunks.length; index += 1) {
      const chunkStart = this.#starts[index] ?? 0;
      if (chunkStart >= last) break;
      const part = this.#chunks[index]?.subarray(Math.max(0, first - chunkStart), last - chunkStart);
      if (part !== undefined) parts.push(part);
    }
    return parts;
  }

  #indexAt(position: number): number {
    const starts = this.#starts;
    const last = this.#last;
    if (position >= (starts[last] ?? 0) && position < (starts[last + 1] ?? this.length)) return last;
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= position) low = middle;
      else high = middle - 1;
    }
    this.#last = low;
    return low;
  }
}

/** Wraps a pure function so that it runs only once per file, even if several readers of the file call the function. */
export function oncePerFile<Result extends object>(
  read: (bytes: ChunkedBytes) => Result,
): (bytes: ChunkedBytes) => Result {
  const results = new WeakMap<ChunkedBytes, Result>();
  return (bytes) => {
    const known = results.get(bytes);
    if (known !== undefined) return known;
    const result = read(bytes);
    results.set(bytes, result);
    return result;
  };
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
