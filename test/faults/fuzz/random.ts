/** Random choices that depend only on a seed, so that a case is reproducible. */
export type Random = {
  /** Returns an integer in the range [0, `limit`); 0 when `limit` is 0. */
  readonly below: (limit: number) => number;
  readonly pick: <T>(choices: readonly T[]) => T;
};

/** Returns the choices of one case, which depend on the seed and the case number only. */
export function randomOf(seed: number, number: number): Random {
  let state = (Math.imul(seed, 0x9e37_79b1) ^ Math.imul(number + 1, 0x85eb_ca6b)) >>> 0;
  const below = (limit: number): number => {
    state = (state + 0x9e37_79b9) >>> 0;
    return limit <= 0 ? 0 : scrambled(state) % limit;
  };
  return {
    below,
    pick: <T>(choices: readonly T[]): T => {
      if (choices.length === 0) throw new Error('cannot pick from an empty list');
      return choices[below(choices.length)] as T;
    },
  };
}

/** The finaliser of MurmurHash3, which spreads a counter over 32 bits. */
function scrambled(counter: number): number {
  let bits = Math.imul(counter ^ (counter >>> 16), 0x85eb_ca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2_ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
