/**
 * The end of an export: the SHA-256 of all bytes before it, in a skippable frame of Zstandard (RFC 8878 section 3.1.2),
 * which every decoder passes over. It covers the bytes as they lie in the file, for compression has bits that no decoder
 * looks at: those of a header, and those that fill up the last byte.
 */

/** Magic number 0x184D2A5C, one of the sixteen of skippable frames, and the size of what follows; little-endian both. */
const HEAD = Buffer.from([0x5c, 0x2a, 0x4d, 0x18, 32, 0, 0, 0]);

/** How long the frame is. */
export const CHECKSUM_FRAME_BYTES = 40;

/** The frame that holds a SHA-256. */
export function checksumFrame(sha256: Uint8Array): Buffer {
  return Buffer.concat([HEAD, sha256]);
}

/** The SHA-256 that a frame holds; undefined for bytes that are no such frame. */
export function checksumOfFrame(frame: Buffer): Buffer | undefined {
  const isWhole = frame.length === CHECKSUM_FRAME_BYTES && frame.subarray(0, HEAD.length).equals(HEAD);
  return isWhole ? frame.subarray(HEAD.length) : undefined;
}
