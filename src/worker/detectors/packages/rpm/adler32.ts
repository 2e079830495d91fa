const MODULUS = 65_521;

/** The maximum number of bytes that cannot make a sum exceed 32 bits (zlib, adler32.c, NMAX). */
const BLOCK_SIZE = 5552;

/** Returns the Adler-32 checksum (RFC 1950, section 8.2). */
export function adler32(bytes: Uint8Array): number {
  let low = 1;
  let high = 0;
  for (let start = 0; start < bytes.length; start += BLOCK_SIZE) {
    const end = Math.min(start + BLOCK_SIZE, bytes.length);
    for (let at = start; at < end; at += 1) {
      low += bytes[at] ?? 0;
      high += low;
    }
    low %= MODULUS;
    high %= MODULUS;
  }
  return high * 0x1_0000 + low;
}
