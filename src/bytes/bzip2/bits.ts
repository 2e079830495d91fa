import { ClairError, type ErrorCode } from '../../errors.ts';
import type { ByteStream } from '../byte-stream.ts';

/** The buffer size. The buffer is independent of the chunk size of the source stream. */
const WINDOW_BYTES = 256 * 1024;

/** The number of bytes that reads can access past the end of the buffer before an error is thrown. */
const SLACK_BYTES = 256;

/**
 * Reads the bits of a bzip2 file, most significant bit first. Reads are synchronous and cover only the bytes that
 * {@link fill} loaded, so a read past the buffer means the end of the file.
 */
export class Bzip2Bits {
  readonly view: DataView<ArrayBuffer> = new DataView(new ArrayBuffer(WINDOW_BYTES + SLACK_BYTES));
  /** The position of the next bit in the buffer. */
  at = 0;
  readonly #bytes = new Uint8Array(this.view.buffer, 0, WINDOW_BYTES);
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #where: string;
  #filled = 0;
  /** The unread part of the most recent chunk of the source. */
  #pending: Uint8Array = new Uint8Array(0);
  #ended = false;

  constructor(source: ByteStream, where: string) {
    this.#chunks = source[Symbol.asyncIterator]();
    this.#where = where;
  }

  /** The number of buffered bits; negative after a read past the end. */
  get left(): number {
    return this.#filled * 8 - this.at;
  }

  /**
   * Reads from the source until at least `bytes` bytes are buffered, or until the source ends. `bytes` must be at most
   * half of the buffer size.
   */
  async fill(bytes: number): Promise<void> {
    while (this.left < bytes * 8 && !this.#ended) {
      if (this.#pending.length > 0) {
        this.#take(bytes);
        continue;
      }
      const next = await this.#chunks.next();
      if (next.done === true) this.#ended = true;
      else this.#pending = next.value;
    }
  }

  /**
   * Reads a number of up to 24 bits.
   *
   * @throws ClairError `bytes/truncated` when fewer bits are left.
   */
  read(bits: number): number {
    const value = (this.view.getUint32(this.at >>> 3) << (this.at & 7)) >>> (32 - bits);
    this.at += bits;
    if (this.left < 0) throw this.#endsTooEarly();
    return value;
  }

  align(): void {
    this.at = (this.at + 7) & ~7;
  }

  /** Reads and discards the rest of the source, for callers that hash the source. */
  async drain(): Promise<void> {
    this.#pending = new Uint8Array(0);
    while (!this.#ended) this.#ended = (await this.#chunks.next()).done === true;
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  /** Returns the error `bytes/corrupt` with the reason `what`, or `bytes/truncated` after a read past the end. */
  failure(what: string): ClairError {
    if (this.left < 0) return this.#endsTooEarly();
    return this.refusal('bytes/corrupt', `cannot be decoded: ${what}`);
  }

  refusal(code: ErrorCode, what: string): ClairError {
    return new ClairError(code, `${this.#where}: the bzip2 stream ${what}`);
  }

  #endsTooEarly(): ClairError {
    return this.refusal('bytes/truncated', 'ends too early');
  }

  #take(bytes: number): void {
    if (WINDOW_BYTES - (this.at >>> 3) < bytes + 1 || this.#filled === WINDOW_BYTES) {
      const used = this.at >>> 3;
      this.#bytes.copyWithin(0, used, this.#filled);
      this.#filled -= used;
      this.at &= 7;
    }
    const piece = this.#pending.subarray(0, WINDOW_BYTES - this.#filled);
    this.#bytes.set(piece, this.#filled);
    this.#filled += piece.length;
    this.#pending = this.#pending.subarray(piece.length);
  }
}
