import type { ByteStream } from '../byte-stream.ts';
import { createMemoryRelease, type MemoryRelease } from '../memory-release.ts';

/** States who owns the memory of the chunks that pass through a decoder. */
export type ChunkMemory = {
  /** Whether the caller uses each chunk only until the request for the next chunk. */
  readonly isTransient?: boolean;
  /** Whether no other code uses the memory of the source's chunks, and no two chunks share memory. */
  readonly isSourceOwned?: boolean;
  /**
   * The chunks that the caller still uses after the request for the next chunk. A chunk cannot be kept if the decoder
   * reuses its memory.
   */
  readonly kept?: KeptChunks;
};

/**
 * The chunks of a stream that a reader still uses after the request for the next chunk, so that a large file needs no
 * copy. The memory of these chunks is freed when the reader releases them.
 */
export class KeptChunks {
  readonly #release: MemoryRelease = createMemoryRelease();
  /** The kept buffers; the value is true once the stream has passed on the last chunk of the buffer. */
  readonly #kept = new Map<ArrayBufferLike, boolean>();
  #current: ArrayBufferLike | undefined;

  /** Keeps the memory of the current chunk. Returns false for any other memory, because its owner can reuse it. */
  keep(memory: ArrayBufferLike): boolean {
    if (memory !== this.#current) return false;
    if (!this.#kept.has(memory)) this.#kept.set(memory, false);
    return true;
  }

  /** Returns whether the reader keeps the memory. */
  isKept(memory: ArrayBufferLike): boolean {
    return this.#kept.has(memory);
  }

  /** Releases all kept chunks. */
  free(): void {
    for (const [memory, isPassed] of this.#kept) if (isPassed) this.#release(memory);
    this.#kept.clear();
  }

  /** The stream calls this method before it passes a chunk on. */
  pass(memory: ArrayBufferLike): void {
    this.#current = memory;
  }

  /**
   * The stream calls this method after the last chunk of a buffer. Frees the memory unless the reader keeps the buffer.
   */
  end(memory: ArrayBufferLike): void {
    if (this.#kept.has(memory)) this.#kept.set(memory, true);
    else this.#release(memory);
  }
}

/**
 * Passes chunks on. After the last chunk of a buffer, the request for the next chunk frees the buffer, unless it is
 * kept.
 */
export async function* released(chunks: ByteStream, kept: KeptChunks = new KeptChunks()): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    const { buffer, byteOffset, byteLength } = chunk;
    kept.pass(buffer);
    yield chunk;
    if (byteOffset + byteLength === buffer.byteLength) kept.end(buffer);
  }
}
