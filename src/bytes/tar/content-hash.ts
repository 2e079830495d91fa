import { createHash, hash, type Hash } from 'node:crypto';
import type { TarEntry, TarVisitor } from './entry.ts';

/** Hashes the content of archive members as the bytes pass through. */
export type ContentHash = {
  /** Starts hashing a file of `size` bytes. Call this function before the first byte arrives. */
  readonly open: (entry: TarEntry, size: number) => void;
  /** Hashes the bytes of `chunk` from `start` to `end` that belong to the current file. */
  readonly take: (chunk: Buffer, start: number, end: number) => void;
  /** The number of bytes of the current file that are still missing; 0 without a current file. */
  readonly left: number;
};

/** Creates the content hash for a visitor. Returns undefined if the visitor needs no digests. */
export function contentHashFor(visitor: TarVisitor): ContentHash | undefined {
  return visitor.hashed === undefined ? undefined : new MemberHash(visitor.hashed);
}

class MemberHash implements ContentHash {
  readonly #hashed: NonNullable<TarVisitor['hashed']>;
  #entry: TarEntry | undefined;
  #hash: Hash | undefined;
  left = 0;

  constructor(hashed: NonNullable<TarVisitor['hashed']>) {
    this.#hashed = hashed;
  }

  open(entry: TarEntry, size: number): void {
    this.#entry = entry;
    this.#hash = undefined;
    this.left = size;
    if (size === 0) this.#close(hash('sha256', NOTHING, 'buffer'));
  }

  take(chunk: Buffer, start: number, end: number): void {
    if (this.left === 0) return;
    const bytes = chunk.subarray(start, Math.min(end, start + this.left));
    const isWhole = this.#hash === undefined && bytes.length === this.left;
    this.left -= bytes.length;
    // A call of `hash` is several times as fast as a Hash object, and most files are in a single chunk.
    if (isWhole) this.#close(hash('sha256', bytes, 'buffer'));
    else {
      this.#hash ??= createHash('sha256');
      this.#hash.update(bytes);
      if (this.left === 0) this.#close(this.#hash.digest());
    }
  }

  #close(sha256: Buffer): void {
    const entry = this.#entry;
    this.#entry = undefined;
    this.#hash = undefined;
    if (entry !== undefined) this.#hashed(entry, sha256);
  }
}

const NOTHING: Uint8Array = new Uint8Array(0);
