/** The maximum length of a code word, in bits. */
export const MAX_CODE_BITS = 20;

/**
 * The maximum length of the code words that need only one table lookup. Longer code words are rare. Tables of this size
 * fit in the L1 cache.
 */
export const QUICK_BITS = 10;

/** The tables of a prefix code. Lookups use the next {@link MAX_CODE_BITS} bits, which start with a code word. */
export type PrefixCode = {
  /**
   * The symbols, indexed by the first {@link QUICK_BITS} bits. Each entry is 32 times the symbol plus the length of its
   * code word, or 0 for a longer or unknown code word.
   */
  readonly quick: Uint16Array;
  /** For each length, the lowest number of {@link MAX_CODE_BITS} bits that starts with a longer code word. */
  readonly limits: Uint32Array;
  /** For each length, the number to add to a code word to get the index of its symbol in `symbols`. */
  readonly offsets: Int32Array;
  readonly symbols: Uint16Array;
};

/**
 * Builds the canonical prefix code in which symbol n has a code word of `lengths[n]` bits (1 to 20). Shorter code words
 * come first, and code words of equal length are in symbol order. Accepts incomplete and oversubscribed sets of
 * lengths, as bzip2 does; the block checksum detects wrong output.
 */
export function prefixCode(lengths: Uint8Array): PrefixCode {
  const quick = new Uint16Array(1 << QUICK_BITS);
  const limits = new Uint32Array(MAX_CODE_BITS + 1);
  const offsets = new Int32Array(MAX_CODE_BITS + 1);
  const symbols = new Uint16Array(lengths.length);
  let count = 0;
  let word = 0;
  for (let bits = 1; bits <= MAX_CODE_BITS; bits += 1) {
    word *= 2;
    offsets[bits] = count - word;
    for (let symbol = 0; symbol < lengths.length; symbol += 1) {
      if (lengths[symbol] !== bits) continue;
      if (bits <= QUICK_BITS) {
        const from = word << (QUICK_BITS - bits);
        quick.fill((symbol << 5) | bits, from, from + (1 << (QUICK_BITS - bits)));
      }
      symbols[count++] = symbol;
      word += 1;
    }
    limits[bits] = word * 2 ** (MAX_CODE_BITS - bits);
  }
  return { quick, limits, offsets, symbols };
}

/**
 * Finds the symbol of a code word of more than {@link QUICK_BITS} bits and returns it in the format of `quick`; returns
 * 0 if `ahead` does not start with a code word.
 */
export function longCodeWord({ limits, offsets, symbols }: PrefixCode, ahead: number): number {
  for (let bits = QUICK_BITS + 1; bits <= MAX_CODE_BITS; bits += 1) {
    if (ahead >= (limits[bits] ?? 0)) continue;
    const symbol = symbols[(offsets[bits] ?? 0) + (ahead >>> (MAX_CODE_BITS - bits))] ?? 0;
    return (symbol << 5) | bits;
  }
  return 0;
}
