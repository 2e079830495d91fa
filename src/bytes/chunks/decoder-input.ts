import type { Duplex } from 'node:stream';
import type { MemoryRelease } from '../memory-release.ts';

/** The maximum size of the pieces that a decoder receives, and the function that frees the chunks of the source. */
export type InputPieces = { readonly bytes: number; readonly release: MemoryRelease | undefined };

/** The maximum number of pieces in a decoder: the piece that is being decoded and the next piece. */
const PIECES_AHEAD = 2;

/**
 * The input of a decoder, in pieces of at most `pieces.bytes` bytes. Each piece requires a round trip through the
 * thread pool, so small chunks that arrive while the decoder is busy are merged. A decoder emits `drain` only after
 * reading all input, when it is already idle, so this class passes the next piece as soon as the decoder has read a
 * piece.
 */
export class DecoderInput {
  readonly #decoder: Duplex;
  readonly #pieces: InputPieces;
  #waiting: Piece[] = [];
  #waitingBytes = 0;
  #inside = 0;
  /** Whether the decoder has stopped reading. */
  #isOver = false;
  #resume: () => void = () => undefined;

  constructor(decoder: Duplex, pieces: InputPieces) {
    this.#decoder = decoder;
    this.#pieces = pieces;
    const end = (): void => {
      this.#isOver = true;
      this.#resume();
    };
    decoder.once('end', end).once('close', end);
  }

  /**
   * Adds a chunk, and waits while a full piece is pending. Ignores chunks after the decoder has stopped reading.
   */
  async add(chunk: Uint8Array): Promise<void> {
    const { bytes, release } = this.#pieces;
    for (let at = 0; at < chunk.length && !this.#isOver; at += bytes) {
      const isLast = at + bytes >= chunk.length;
      // A decoder reads pieces in order, so the chunk is free after its last piece.
      const free = (): void => void (isLast && release?.(chunk.buffer));
      await this.#add({ bytes: chunk.subarray(at, at + bytes), free });
    }
  }

  /** Ends the input once the decoder has received all chunks. */
  async end(): Promise<void> {
    while (this.#waiting.length > 0 && !this.#isOver) await this.#progress();
    if (!this.#decoder.destroyed) this.#decoder.end();
  }

  async #add(piece: Piece): Promise<void> {
    this.#waiting.push(piece);
    this.#waitingBytes += piece.bytes.length;
    this.#pass();
    while (this.#waitingBytes >= this.#pieces.bytes && !this.#isOver) await this.#progress();
  }

  #pass(): void {
    while (this.#inside < PIECES_AHEAD && this.#waiting.length > 0 && !this.#isOver) {
      const { bytes, free } = this.#nextPiece();
      this.#inside += 1;
      this.#decoder.write(bytes, (error) => {
        this.#inside -= 1;
        if (!error) free();
        this.#pass();
        this.#resume();
      });
    }
  }

  /** Merges as many waiting chunks as fit into a piece. */
  #nextPiece(): Piece {
    let count = 0;
    let length = 0;
    for (const { bytes } of this.#waiting) {
      if (count > 0 && length + bytes.length > this.#pieces.bytes) break;
      count += 1;
      length += bytes.length;
    }
    const taken = this.#waiting.splice(0, count);
    this.#waitingBytes -= length;
    const [only] = taken;
    if (only !== undefined && count === 1) return only;
    const bytes = Buffer.concat(
      taken.map((piece) => piece.bytes),
      length,
    );
    for (const { free } of taken) free();
    return { bytes, free: () => undefined };
  }

  #progress(): Promise<void> {
    return new Promise((resolve) => {
      this.#resume = resolve;
      if (this.#decoder.destroyed) this.#isOver = true;
      if (this.#isOver) resolve();
    });
  }
}

type Piece = { readonly bytes: Uint8Array; readonly free: () => void };
