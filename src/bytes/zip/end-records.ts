import { END, END_64, END_64_BYTES, END_64_LOCATOR, END_64_LOCATOR_BYTES, END_BYTES } from './headers.ts';

/** The records at the end of an archive, directly after the central directory. */
export type EndRecords = {
  /** The size of the records without the comment. */
  readonly bytes: number;
  /** The stated size of the central directory. */
  readonly directoryBytes: number;
  readonly commentBytes: number;
};

/**
 * Reads the records at the start of `bytes`, including the Zip64 records if `bytes` starts with them. Returns undefined
 * if `bytes` ends within the records. Records that state different sizes are damaged, because different programs would
 * find different directories.
 */
export function endRecords(bytes: Buffer): EndRecords | 'damaged' | undefined {
  const isZip64 = bytes.readUInt32LE(0) === END_64;
  const at = isZip64 ? END_64_BYTES + END_64_LOCATOR_BYTES : 0;
  if (bytes.length < at + END_BYTES) return undefined;
  const hasLocator = !isZip64 || bytes.readUInt32LE(END_64_BYTES) === END_64_LOCATOR;
  if (!hasLocator || bytes.readUInt32LE(at) !== END) return 'damaged';
  const stated = bytes.readUInt32LE(at + 12);
  const directoryBytes = isZip64 ? Number(bytes.readBigUInt64LE(40)) : stated;
  if (stated !== directoryBytes && stated !== IN_ZIP64) return 'damaged';
  return { bytes: at + END_BYTES, directoryBytes, commentBytes: bytes.readUInt16LE(at + 20) };
}

const IN_ZIP64 = 0xffffffff;
