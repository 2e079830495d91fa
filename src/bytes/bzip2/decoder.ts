import { setImmediate } from 'node:timers/promises';
import type { ByteStream } from '../byte-stream.ts';
import { Bzip2Bits } from './bits.ts';
import { MAX_BLOCK_HEADER_BYTES, readBlock } from './block.ts';
import { bzip2Crc } from './crc.ts';
import { BlockText, linkCells } from './text.ts';

/** The output chunk size; a block can expand to 46 MB. */
const CHUNK_BYTES = 256 * 1024;

/** The size of a block before expansion is the level times this number of bytes. */
const LEVEL_BYTES = 100_000;

/** The bytes `BZh`, followed in the file by the level digit. */
const SIGNATURE = [0x42, 0x5a, 0x68] as const;

/** The magic numbers before each block and after the last block: digits of pi and of the square root of pi. */
const BLOCK_MARK = 0x314159265359;
const END_MARK = 0x177245385090;

/**
 * Decodes bzip2 and verifies its checksums. Follows "BZIP2: Format Specification" by Joe Tsai and, where the
 * specification is silent, bzip2 1.0.8. Concatenated streams form a single file. Data after the last stream is an error
 * unless the data starts with a zero byte (padding, as after gzip). Runs on the calling thread, yields to the event
 * loop between chunks, and needs 4 MB of memory.
 *
 * @throws ClairError `bytes/truncated`, `bytes/corrupt`, or `bytes/unsupported-compression` for the randomised blocks
 *   of releases before 0.9.5, and the errors of `source`, while the stream is read.
 */
export async function* decodeBzip2(source: ByteStream, where: string): AsyncGenerator<Uint8Array> {
  const bits = new Bzip2Bits(source, where);
  let cells = new Uint32Array(0);
  try {
    do {
      const size = (await readLevel(bits)) * LEVEL_BYTES;
      if (cells.length < size) cells = new Uint32Array(size);
      yield* decodeStream(bits, cells.subarray(0, size));
    } while (await isFollowed(bits));
    await bits.drain();
  } finally {
    await bits.close();
  }
}

async function readLevel(bits: Bzip2Bits): Promise<number> {
  await bits.fill(SIGNATURE.length + 1);
  for (const byte of SIGNATURE) {
    if (bits.read(8) !== byte) throw bits.failure('unexpected bytes after the end of a bzip2 stream');
  }
  const level = bits.read(8) - 0x30;
  if (level < 1 || level > 9) throw bits.failure(`the compression level is ${level}, not 1 to 9`);
  return level;
}

async function* decodeStream(bits: Bzip2Bits, cells: Uint32Array): AsyncGenerator<Uint8Array> {
  for (let checksum = 0; ; ) {
    await bits.fill(MAX_BLOCK_HEADER_BYTES);
    const mark = bits.read(24) * 2 ** 24 + bits.read(24);
    const promised = bits.read(16) * 2 ** 16 + bits.read(16);
    if (mark === END_MARK) {
      if (promised !== checksum) throw bits.failure('the checksum of a stream is wrong');
      return;
    }
    if (mark !== BLOCK_MARK) throw bits.failure('a block does not start with the block marker');
    const block = await readBlock(bits, cells);
    linkCells(cells, block.length);
    const text = new BlockText(cells, block);
    let found = 0;
    for (const chunk of chunksOf(text)) {
      found = bzip2Crc(found, chunk);
      await setImmediate();
      yield chunk;
    }
    if (text.endsInRun) throw bits.failure('a block ends without the length of its last run');
    if (found !== promised) throw bits.failure('the checksum of a block is wrong');
    checksum = (((checksum << 1) | (checksum >>> 31)) ^ found) >>> 0;
  }
}

function* chunksOf(text: BlockText): Generator<Uint8Array> {
  while (text.estimatedBytesLeft > 0) {
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, text.estimatedBytesLeft));
    const length = text.read(chunk);
    if (length > 0) yield chunk.subarray(0, length);
  }
}

async function isFollowed(bits: Bzip2Bits): Promise<boolean> {
  bits.align();
  await bits.fill(1);
  return bits.left > 0 && bits.view.getUint8(bits.at >>> 3) !== 0;
}
