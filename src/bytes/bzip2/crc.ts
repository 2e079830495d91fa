/** The polynomial of CRC-32, as in gzip; unlike gzip, bzip2 processes the highest bit of each byte first. */
const POLYNOMIAL = 0x04c11db7;

/**
 * The tables for processing four bytes at once. `FOLLOWED_BY_n` contains the remainder of each byte value that is
 * followed by n zero bytes.
 */
const FOLLOWED_BY_3 = remainders(3);
const FOLLOWED_BY_2 = remainders(2);
const FOLLOWED_BY_1 = remainders(1);
const FOLLOWED_BY_0 = remainders(0);

/** Continues a checksum over `bytes`; `before` is 0 at the start. */
export function bzip2Crc(before: number, bytes: Uint8Array): number {
  let crc = ~before;
  let at = 0;
  for (const end = bytes.length - 3; at < end; at += 4) {
    crc ^= ((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
    crc =
      (FOLLOWED_BY_3[crc >>> 24] ?? 0) ^
      (FOLLOWED_BY_2[(crc >>> 16) & 0xff] ?? 0) ^
      (FOLLOWED_BY_1[(crc >>> 8) & 0xff] ?? 0) ^
      (FOLLOWED_BY_0[crc & 0xff] ?? 0);
  }
  for (; at < bytes.length; at += 1) crc = (crc << 8) ^ (FOLLOWED_BY_0[(crc >>> 24) ^ (bytes[at] ?? 0)] ?? 0);
  return ~crc >>> 0;
}

function remainders(following: number): Int32Array {
  return Int32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte << 24;
    for (let bit = 0; bit < 8 * (following + 1); bit += 1) crc = crc < 0 ? (crc << 1) ^ POLYNOMIAL : crc << 1;
    return crc;
  });
}
