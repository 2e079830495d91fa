/** The content of a file in memory, as a whole or in chunks. */
export type ZipBytes = {
  readonly length: number;
  /** Returns the bytes from `start` to `end`, or to the end of the file if the file ends first. */
  readonly range: (start: number, end: number) => Buffer;
  /**
   * Returns the part of the file from `start` to `end`, or to the end of the file if the file ends first. Does not
   * copy.
   */
  readonly slice: (start: number, end: number) => ZipBytes;
};

/** Wraps an archive in memory without a copy. */
export function zipInMemory(bytes: Uint8Array): ZipBytes {
  const { buffer, byteOffset, length } = bytes;
  const whole = Buffer.from(buffer, byteOffset, length);
  const range = (start: number, end: number): Buffer => whole.subarray(start, end);
  return { length, range, slice: (start, end) => zipInMemory(range(start, end)) };
}
