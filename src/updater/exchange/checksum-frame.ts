/**
 * An export ends with the SHA-256 of all preceding bytes, in a skippable Zstandard frame (RFC 8878 section 3.1.2),
 * which decoders ignore. The checksum covers the compressed bytes, because a decoder ignores some bits of headers and
 * padding.
 */

/** The magic number of a skippable frame (0x184D2A5C) and the size of its content, both little-endian. */
const HEAD = Buffer.from([0x5c, 0x2a, 0x4d, 0x18, 32, 0, 0, 0]);

export const CHECKSUM_FRAME_BYTES = 40;

/** Builds the frame for a SHA-256 digest. */
export function checksumFrame(sha256: Uint8Array): Buffer {
  return Buffer.concat([HEAD, sha256]);
}

/** Returns the SHA-256 digest in a frame; undefined for other bytes. */
export function checksumOfFrame(frame: Buffer): Buffer | undefined {
  const isWhole = frame.length === CHECKSUM_FRAME_BYTES && frame.subarray(0, HEAD.length).equals(HEAD);
  return isWhole ? frame.subarray(HEAD.length) : undefined;
}
