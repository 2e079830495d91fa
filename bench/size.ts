import { env } from 'node:process';

/** The environment variable that makes all inputs tiny; `npm run bench -- --tiny` sets the variable. */
export const TINY_VARIABLE = 'CLAIR_BENCH_TINY';

/** Returns whether figures run with tiny inputs, as a test of the benches. */
export function isTiny(): boolean {
  return env[TINY_VARIABLE] === '1';
}

/** Returns the size of an input: full or tiny. */
export function sized<Size>(full: Size, tiny: Size): Size {
  return isTiny() ? tiny : full;
}
