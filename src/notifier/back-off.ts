const FIRST_PAUSE_MS = 1000;

/** As in the original. */
const MAX_PAUSE_MS = 15 * 60_000;

/** By how much of itself a pause may be shorter: what failed together must not come back together. */
const JITTER = 0.25;

/**
 * How long to wait after so many failures in a row, in milliseconds: one second, doubled by each further one, and never
 * more than 15 minutes.
 *
 * @param random from 0 to 1, as `Math.random()`
 */
export function backOff(failures: number, random: number): number {
  const pause = Math.min(FIRST_PAUSE_MS * 2 ** Math.max(failures - 1, 0), MAX_PAUSE_MS);
  return Math.round(pause * (1 - JITTER * random));
}
