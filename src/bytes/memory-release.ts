/** Frees the memory of buffers. */
export type MemoryRelease = (memory: ArrayBufferLike) => void;

/**
 * Creates a function that frees the memory of buffers immediately; the buffers are empty afterwards. V8 would free the
 * memory only after a thread has allocated 64 MiB of buffers. Until then, every buffer needs new memory from the
 * system, and allocating new memory takes a fifth of the time that decoding gzip takes. Node 20 has no
 * `ArrayBuffer.prototype.transfer`, so the function sends the memory to a closed port, and the port discards the
 * memory.
 */
export function createMemoryRelease(): MemoryRelease {
  const { port1: closed } = new MessageChannel();
  closed.close();
  return (memory) => {
    if (memory instanceof ArrayBuffer && memory.byteLength > 0) closed.postMessage(null, [memory]);
  };
}

/** The maximum size of the freed blocks that glibc keeps in each thread instead of returning them to the system. */
const MAX_KEPT_BYTES = 32 * 1024 * 1024;

/** The minimum size of blocks that are worth the time of returning them to the system. */
const LARGE_BYTES = 2 * 1024 * 1024;

/**
 * Returns a buffer of `size` bytes with its own memory. When a buffer of 2 MiB or more is freed, the process returns
 * its memory to the system. The system commits memory only on write, so the unused rest of the buffer costs nothing.
 */
export function allocateReturned(size: number): Buffer {
  const bytes = size < LARGE_BYTES ? size : Math.max(size, MAX_KEPT_BYTES + 1);
  return Buffer.allocUnsafeSlow(bytes).subarray(0, size);
}

/**
 * Provides memory for one file at a time. Allocating memory from the system takes five times as long as copying the
 * file, and V8 collects garbage after a certain number of allocations. Small files therefore share a block, and larger
 * files of up to {@link STAYING_BYTES} reuse the memory of a previous such file. Memory for all sizes would raise the
 * peak memory, because each thread has its own memory, so a larger file reuses the memory of the previous file only if
 * both files are in the same chunk of the archive.
 */
export class ReusedMemory {
  readonly #release: MemoryRelease = createMemoryRelease();
  #block: Buffer = NO_BLOCK;
  /** The memory of the previous large file; memory of more than {@link STAYING_BYTES} is freed when the chunk ends. */
  #idle: Buffer = NO_BLOCK;
  /** The number of bytes of `#idle` that the system has committed. */
  #committed = 0;

  /**
   * Returns memory of `size` bytes with arbitrary content. The caller may use the memory until the call of {@link
   * giveBack}.
   */
  lend(size: number): Buffer {
    if (size <= REUSED_BYTES) {
      if (this.#block === NO_BLOCK) this.#block = Buffer.allocUnsafeSlow(REUSED_BYTES);
      return this.#block.subarray(0, size);
    }
    const { buffer } = this.#idle;
    const isFit = buffer.byteLength >= size && this.#committed <= Math.max(STAYING_BYTES, MAX_WASTE * size);
    if (!isFit) this.#freeIdle();
    this.#idle = NO_BLOCK;
    this.#committed = isFit ? Math.max(size, this.#committed) : size;
    return isFit ? Buffer.from(buffer, 0, size) : allocateReturned(size);
  }

  /** Takes back memory that {@link lend} has returned. */
  giveBack(lent: Buffer): void {
    if (lent.buffer === this.#block.buffer) return;
    this.#freeIdle();
    this.#idle = lent;
    if (this.#committed <= STAYING_BYTES) return;
    queueMicrotask(() => {
      if (this.#idle === lent) this.#freeIdle();
    });
  }

  /** Frees the memory, which must not be in use. */
  free(): void {
    this.#freeIdle();
    if (this.#block !== NO_BLOCK) this.#release(this.#block.buffer);
    this.#block = NO_BLOCK;
  }

  #freeIdle(): void {
    if (this.#idle !== NO_BLOCK) this.#release(this.#idle.buffer);
    this.#idle = NO_BLOCK;
  }
}

/** The size of the block that small files share; most executables are smaller. */
const REUSED_BYTES = 1024 * 1024;

/** The maximum committed memory that stays until {@link ReusedMemory.free}; most programs are smaller. */
const STAYING_BYTES = 16 * 1024 * 1024;

/** The maximum committed memory of a larger file, as a multiple of the size of the file. */
const MAX_WASTE = 2;

const NO_BLOCK: Buffer = Buffer.alloc(0);
