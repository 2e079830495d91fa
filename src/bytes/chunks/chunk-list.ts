import { ChunkedBytes } from './chunked-bytes.ts';

/**
 * The maximum memory that chunks use in addition to the bytes of the file. The limit leaves room for the buffers of the
 * gzip decoder (up to 1 MiB), which contain chunks of several files.
 */
const MAX_EXTRA_BYTES = 2 * 1024 * 1024;

/** The approximate memory overhead of a Buffer. */
const OBJECT_BYTES = 256;

/** The size of the buffers that receive copied slices. */
const COPY_BYTES = 256 * 1024;

/**
 * Collects the content of a file as slices of the chunks in which the content arrives. If the buffers of the chunks
 * need too much memory in addition to the content, further slices are copied. Archives that are compressed in frames of
 * a few bytes have a large buffer for each small chunk.
 */
export class ChunkList {
  readonly #bytes: number;
  readonly #chunks: Buffer[] = [];
  #filled = 0;
  /** The memory that the chunks use. */
  #held = 0;
  #lastMemory: ArrayBufferLike | undefined;
  /** The unused rest of the last buffer for copied slices. */
  #room: Buffer = Buffer.alloc(0);

  /** @param bytes the size of the file, if it is known */
  constructor(bytes: number = Number.POSITIVE_INFINITY) {
    this.#bytes = bytes;
  }

  get missing(): number {
    return this.#bytes - this.#filled;
  }

  /** Appends a slice, which must not be modified later and must not be longer than {@link missing}. */
  add(slice: Buffer): void {
    this.#filled += slice.length;
    const memory = slice.buffer === this.#lastMemory ? 0 : slice.buffer.byteLength;
    const held = this.#held + memory + OBJECT_BYTES;
    if (this.#room.length === 0 && held <= this.#filled + MAX_EXTRA_BYTES) {
      this.#held = held;
      this.#lastMemory = slice.buffer;
      this.#chunks.push(slice);
    } else this.#copy(slice);
  }

  /** Returns the content. If the size is known, the content must be complete. */
  end(): ChunkedBytes {
    const last = this.#chunks.pop();
    if (last !== undefined) this.#chunks.push(last.subarray(0, last.length - this.#room.length));
    return new ChunkedBytes(this.#chunks);
  }

  #copy(slice: Buffer): void {
    for (let at = 0; at < slice.length; ) {
      if (this.#room.length === 0) {
        // The last buffer has at most the size of the missing bytes, so a file of known size ends with a full buffer.
        this.#room = Buffer.allocUnsafeSlow(Math.min(COPY_BYTES, this.missing + slice.length - at));
        this.#held += this.#room.length;
        this.#chunks.push(this.#room);
      }
      const step = slice.copy(this.#room, 0, at);
      this.#room = this.#room.subarray(step);
      at += step;
    }
  }
}
