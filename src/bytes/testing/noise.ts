/**
 * Returns incompressible bytes for tests; the bytes are the same in each run (Marsaglia's xorshift32, "Xorshift RNGs").
 */
export function noise(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0, state = 1; at < length; at += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[at] = state & 0xff;
  }
  return bytes;
}
