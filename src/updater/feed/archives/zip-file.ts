import { type FileHandle, open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { callbackify } from 'node:util';
import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader, type ZipFile } from 'yauzl';

/** An open zip archive with random access. */
export type OpenZipFile = {
  readonly zip: ZipFile;
  /**
   * Reads the stored bytes of a small entry.
   *
   * @throws the error of yauzl or of the file system
   */
  readonly stored: (entry: Entry) => Promise<Buffer>;
};

/**
 * Opens a zip archive. `zip.close()` also closes the file.
 *
 * @throws the error of yauzl or of the file system
 */
export async function openZipFile(path: string): Promise<OpenZipFile> {
  const file = await open(path);
  const blocks = new BlockReader(file);
  let zip: ZipFile;
  try {
    const { size } = await file.stat();
    zip = await fromRandomAccessReaderPromise(blocks, size, { autoClose: false, lazyEntries: true });
  } catch (error) {
    await file.close();
    throw error;
  }
  return {
    zip,
    async stored(entry) {
      const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
      const bytes = Buffer.allocUnsafe(entry.compressedSize);
      await blocks.fill(bytes, fileDataStart);
      return bytes;
    },
  };
}

/**
 * Reads a file in blocks and keeps the last blocks, because a zip with many documents consists of small records: headers
 * of 30 and 46 bytes, and documents of a few kilobytes.
 */
class BlockReader extends RandomAccessReader {
  readonly #file: FileHandle;
  /** The last blocks with their positions, the most recently used block first. */
  #blocks: readonly Block[] = [];

  constructor(file: FileHandle) {
    super();
    this.#file = file;
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    callbackify(async () => await this.fill(buffer.subarray(offset, offset + length), position))(callback);
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(this.#range(start, end), { objectMode: false });
  }

  async *#range(start: number, end: number): AsyncGenerator<Buffer> {
    for (let at = start; at < end; ) {
      const bytes = Buffer.allocUnsafe(Math.min(BLOCK_BYTES, end - at));
      await this.fill(bytes, at);
      at += bytes.length;
      yield bytes;
    }
  }

  override close(callback: (error: Error | null) => void): void {
    callbackify(async () => await this.#file.close())(callback);
  }

  /** Fills `bytes` with the content of the file from `position`. @throws Error at the end of the file */
  async fill(bytes: Buffer, position: number): Promise<void> {
    for (let filled = 0; filled < bytes.length; ) {
      const { content, at } = await this.#blockAt(position + filled);
      const start = position + filled - at;
      if (start >= content.length) throw new Error('unexpected end of file');
      filled += content.copy(bytes, filled, start);
    }
  }

  async #blockAt(position: number): Promise<Block> {
    const at = position - (position % BLOCK_BYTES);
    const [first, ...others] = this.#blocks;
    if (first?.at === at) return first;
    const block = others.find((each) => each.at === at) ?? { at, content: await this.#readBlock(at) };
    this.#blocks = [block, ...this.#blocks.filter((each) => each !== block)].slice(0, MAX_BLOCKS);
    return block;
  }

  async #readBlock(at: number): Promise<Buffer> {
    const content = Buffer.allocUnsafeSlow(BLOCK_BYTES);
    let length = 0;
    while (length < BLOCK_BYTES) {
      const { bytesRead } = await this.#file.read(content, length, BLOCK_BYTES - length, at + length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return content.subarray(0, length);
  }
}

type Block = { readonly at: number; readonly content: Buffer };

/** Small enough that the documents of a block, about a hundred, do not block the event loop for long. */
const BLOCK_BYTES = 32 * 1024;

/** One block for the central directory, and one for the entries, which are normally in the same order. */
const MAX_BLOCKS = 2;
