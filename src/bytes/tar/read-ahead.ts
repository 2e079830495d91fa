import type { FileHandle } from 'node:fs/promises';
import { ClairError } from '../../errors.ts';
import { unreadableFile } from '../file-bytes.ts';

/** A file in use, and its path for errors. */
type OpenFile = { readonly file: FileHandle; readonly path: string };

/** Reads a file into two buffers: while the bytes in one buffer are used, the next bytes are read into the other. */
export class ReadAhead {
  readonly #from: OpenFile;
  #used: Buffer;
  #unused: Buffer;
  /** The read ahead and its position. A read that is not taken is awaited too, because it writes to its buffer. */
  #ahead: { readonly position: number; readonly chunk: Promise<Buffer> } | undefined;

  /** @param maxBytes the maximum size of a read */
  constructor(from: OpenFile, maxBytes: number) {
    this.#from = from;
    this.#used = Buffer.allocUnsafeSlow(maxBytes);
    this.#unused = Buffer.allocUnsafeSlow(maxBytes);
  }

  /**
   * Returns up to `length` bytes from `position`, valid until the next call. Takes the bytes of {@link start} if they
   * are for this position.
   *
   * @throws ClairError `bytes/truncated` at the end of the file, `bytes/unreachable` when the file is unreadable
   */
  async take(position: number, length: number): Promise<Buffer> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    if (ahead?.position === position) {
      [this.#used, this.#unused] = [this.#unused, this.#used];
      return await ahead.chunk;
    }
    await ahead?.chunk.catch(() => undefined);
    return await this.#read(position, this.#used.subarray(0, length));
  }

  /** Starts to read up to `length` bytes from `position`. A failure is reported when the bytes are taken. */
  start(position: number, length: number): void {
    const chunk = this.#read(position, this.#unused.subarray(0, length));
    chunk.catch(() => undefined);
    this.#ahead = { position, chunk };
  }

  async #read(position: number, buffer: Buffer): Promise<Buffer> {
    const { file, path } = this.#from;
    const { length } = buffer;
    const { bytesRead } = await file.read(buffer, 0, length, position).catch((error: unknown) => {
      throw unreadableFile(error, path);
    });
    if (bytesRead > 0) return buffer.subarray(0, bytesRead);
    throw new ClairError('bytes/truncated', `${path} shrank below ${position + length} bytes while it was being read`);
  }
}
