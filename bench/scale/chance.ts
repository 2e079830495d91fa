/** Pseudorandom numbers that are the same in each run. */
export type Chance = {
  /** Returns a number in the range [0, 1). */
  readonly next: () => number;
  /** Returns an integer in the range [0, `bound`). */
  readonly below: (bound: number) => number;
  /**
   * Returns a rank in the range [0, `bound`). The probability of rank r is roughly proportional to 1 / (r + 1), as in
   * Zipf's law.
   */
  readonly rank: (bound: number) => number;
};

/** Creates the generator mulberry32 (github.com/bryc/code, "PRNGs"), whose state is one integer. */
export function createChance(seed: number): Chance {
  let state = seed >>> 0;
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
  return {
    next,
    below: (bound) => Math.floor(next() * bound),
    rank: (bound) => Math.floor(bound ** next()) - 1,
  };
}
