/** Frees the memory of buffers. */
export type MemoryRelease = (memory: ArrayBufferLike) => void;

/**
 * Creates a function that frees the memory of buffers immediately; the buffers are empty afterwards. V8 would free the
 * memory only after a thread has collected 64 MiB of buffers, and getting new memory from the system takes a fifth of
 * the time of decoding gzip. Node 20 has no `ArrayBuffer.prototype.transfer`, so the memory is sent to a closed port,
 * which discards it.
 */
export function createMemoryRelease(): MemoryRelease {
  const { port1: closed } = new MessageChannel();
  closed.close();
  return (memory) => {
    if (memory instanceof ArrayBuffer && memory.byteLength > 0) closed.postMessage(null, [memory]);
  };
}

/** In each thread, glibc keeps freed blocks of up to this size for later. */
const MAX_KEPT_BYTES = 32 * 1024 * 1024;

/** Blocks of this size and larger are worth a trip to the system. */
const LARGE_BYTES = 2 * 1024 * 1024;

/**
 * Returns a buffer of `size` bytes with memory of its own, which the process returns to the system once it is freed. The
 * system commits memory only on write, so the unused rest of a block costs nothing.
 */
export function allocateReturned(size: number): Buffer {
  const bytes = size < LARGE_BYTES ? size : Math.max(size, MAX_KEPT_BYTES + 1);
  return Buffer.allocUnsafeSlow(bytes).subarray(0, size);
}

/**
 * Memory for one file at a time. Allocating memory from the system is slow, and V8 collects garbage after a number of
 * allocations, so small files share a block. A larger block would save more time, but would raise the peak memory,
 * because each thread has a block.
 */
export class ReusedMemory {
  readonly #release: MemoryRelease = createMemoryRelease();
  #block: Buffer = NO_BLOCK;

  /**
   * Returns memory of `size` bytes with arbitrary content; the memory is valid until it is passed to {@link giveBack}.
   */
  lend(size: number): Buffer {
    if (size > REUSED_BYTES) return allocateReturned(size);
    if (this.#block === NO_BLOCK) this.#block = Buffer.allocUnsafeSlow(REUSED_BYTES);
    return this.#block.subarray(0, size);
  }

  /** Takes back memory that {@link lend} returned. */
  giveBack({ buffer }: Buffer): void {
    if (buffer !== this.#block.buffer) this.#release(buffer);
  }

  /** Frees the block, which must not be in use. */
  free(): void {
    if (this.#block !== NO_BLOCK) this.#release(this.#block.buffer);
    this.#block = NO_BLOCK;
  }
}

/** Most executables are smaller. */
const REUSED_BYTES = 1024 * 1024;

const NO_BLOCK: Buffer = Buffer.alloc(0);
