import { ChunkList } from '../chunks/chunk-list.ts';
import { ChunkedBytes } from '../chunks/chunked-bytes.ts';
import type { KeptChunks } from '../chunks/kept-chunks.ts';
import { ReusedMemory } from '../memory-release.ts';
import type { UnneededParts } from './entry.ts';
import { SparseCopy } from './sparse-copy.ts';

/**
 * Collects the content of one file at a time. The content is not copied if the content arrives in a single chunk, or if
 * the file is small enough and its chunks can be kept.
 */
export class FileContent {
  readonly #kept: KeptChunks | undefined;
  readonly #memory: ReusedMemory = new ReusedMemory();
  #size = 0;
  #filled = 0;
  /** The first bytes of the file, which were read before `open`. */
  #start: Buffer = NOTHING;
  #chunks: ChunkList | undefined;
  #copy: SparseCopy | undefined;
  #unneeded: UnneededParts | undefined;

  constructor(kept: KeptChunks | undefined) {
    this.#kept = kept;
  }

  /**
   * @param start the first bytes of the file, which were already read
   * @param unneeded the parts that are not copied
   */
  open(size: number, start: Uint8Array, unneeded?: UnneededParts): void {
    this.#unneeded = unneeded;
    this.#size = size;
    this.#filled = start.length;
    this.#start = start.length === 0 ? NOTHING : Buffer.from(start);
  }

  get missing(): number {
    return this.#size - this.#filled;
  }

  get size(): number {
    return this.#size;
  }

  /** The number of upcoming bytes of an unfinished file that need not be read; the last byte completes the file. */
  get unneeded(): number {
    return Math.min(this.#copy?.unneeded ?? 0, this.missing - 1);
  }

  /** Passes over the next bytes, at most {@link unneeded}. */
  leap(bytes: number): void {
    this.#copy?.leap(bytes);
    this.#filled += bytes;
  }

  /** Adds the next bytes. When the content is complete, passes the content to `finish` and frees its memory. */
  take(slice: Buffer, finish: (content: ChunkedBytes) => void): void {
    const isFirst = this.#filled === this.#start.length;
    this.#filled += slice.length;
    if (isFirst && this.missing === 0) finish(new ChunkedBytes([this.#start, slice]));
    else {
      if (isFirst) this.#collect(slice);
      this.#add(slice);
      if (this.missing > 0) return;
      finish(this.#chunks?.end() ?? this.#copy?.content() ?? new ChunkedBytes([]));
    }
    this.#end();
  }

  /** Frees all memory. */
  free(): void {
    this.#memory.free();
  }

  #collect({ buffer }: Buffer): void {
    if (this.#size <= MAX_KEPT_BYTES && this.#kept?.keep(buffer) === true) {
      this.#chunks = new ChunkList(this.#size);
      this.#chunks.add(this.#start);
    } else {
      this.#copy = new SparseCopy(this.#memory.lend(this.#size), this.#start, this.#unneeded);
    }
  }

  #add(slice: Buffer): void {
    if (this.#chunks !== undefined)
      this.#chunks.add(this.#kept?.keep(slice.buffer) === true ? slice : Buffer.from(slice));
    else this.#copy?.add(slice);
  }

  #end(): void {
    if (this.#chunks !== undefined) this.#kept?.free();
    if (this.#copy !== undefined) this.#memory.giveBack(this.#copy.memory);
    this.#chunks = undefined;
    this.#copy = undefined;
  }
}

/**
 * The maximum size of the files whose chunks are kept. Larger files are copied: the process does not always return the
 * memory of kept chunks to the system, so keeping larger files would raise the peak memory of threads.
 */
const MAX_KEPT_BYTES = 8 * 1024 * 1024;

const NOTHING: Buffer = Buffer.alloc(0);
