import { constants, deflateRawSync } from 'node:zlib';

/** The header of a member without a name and a time (RFC 1952, section 2.3). */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);

/**
 * Returns a gzip stream of some bytes and many mebibytes of zeros, without the end of the stream. Compresses one
 * mebibyte and repeats its blocks (RFC 1951, section 3.2.3), because compressing all zeros takes seconds.
 */
export function gzipBomb(start: Buffer, mebibytes: number): Buffer {
  const zeros = blocksOf(Buffer.alloc(1024 ** 2));
  return Buffer.concat([HEADER, blocksOf(start), ...Array<Buffer>(mebibytes).fill(zeros)]);
}

/** Returns complete blocks, without the mark of the last block. */
function blocksOf(bytes: Buffer): Buffer {
  return deflateRawSync(bytes, { level: 9, finishFlush: constants.Z_SYNC_FLUSH });
}
