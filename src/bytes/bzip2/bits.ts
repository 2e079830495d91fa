import { ClairError, type ErrorCode } from '../../errors.ts';
import type { ByteStream } from '../byte-stream.ts';

/** What lies ready at most, whatever the chunks of the source are. */
const WINDOW_BYTES = 256 * 1024;

/** A group of symbols may be read this far beyond the end before that is noticed. */
const SLACK_BYTES = 256;

/**
 * A window over the bits of a bzip2 file, the highest bit of a byte first. Reading is synchronous and within what
 * {@link fill} has brought: whoever reads asks for enough, so that going beyond it means the end of the file.
 */
export class Bzip2Bits {
  /** The bytes of the window: {@link SLACK_BYTES} behind its end may be read, and mean nothing. */
  readonly view: DataView<ArrayBuffer> = new DataView(new ArrayBuffer(WINDOW_BYTES + SLACK_BYTES));
  /** The next bit, counted from the start of the window. */
  at = 0;
  readonly #bytes = new Uint8Array(this.view.buffer, 0, WINDOW_BYTES);
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #where: string;
  #filled = 0;
  /** What is left of the chunk that the source gave last. */
  #pending: Uint8Array = new Uint8Array(0);
  #ended = false;

  constructor(source: ByteStream, where: string) {
    this.#chunks = source[Symbol.asyncIterator]();
    this.#where = where;
  }

  /** How many bits lie ready; negative when more were read. */
  get left(): number {
    return this.#filled * 8 - this.at;
  }

  /** Brings at least `bytes` (at most half of the window) into it, or all that the source still has. */
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
   * @throws ClairError `bytes/truncated` when there are not as many.
   */
  read(bits: number): number {
    const value = (this.view.getUint32(this.at >>> 3) << (this.at & 7)) >>> (32 - bits);
    this.at += bits;
    if (this.left < 0) throw this.#endsTooEarly();
    return value;
  }

  /** Skips what is left of a byte that was begun. */
  align(): void {
    this.at = (this.at + 7) & ~7;
  }

  /** Reads the source to its end and forgets what comes: whoever hashes it wants all bytes. */
  async drain(): Promise<void> {
    this.#pending = new Uint8Array(0);
    while (!this.#ended) this.#ended = (await this.#chunks.next()).done === true;
  }

  /** Lets go of the source, read to its end or not. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  /** The error `bytes/corrupt` that says `what` is wrong, or `bytes/truncated` when the bytes have been used up. */
  failure(what: string): ClairError {
    if (this.left < 0) return this.#endsTooEarly();
    return this.refusal('bytes/corrupt', `cannot be decoded: ${what}`);
  }

  /** The error `code`; `what` says it of the stream. */
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
