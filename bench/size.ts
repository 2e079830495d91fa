import { env } from 'node:process';

/** The variable of the environment that makes the inputs of all figures tiny; `npm run bench -- --tiny` sets it. */
export const TINY_VARIABLE = 'CLAIR_BENCH_TINY';

/** Returns whether figures run with tiny inputs: to see that they run, not to measure. */
export function isTiny(): boolean {
  return env[TINY_VARIABLE] === '1';
}

/** Returns the size of an input: the one that is measured, or the tiny one. */
export function sized<Size>(full: Size, tiny: Size): Size {
  return isTiny() ? tiny : full;
}
