const FIRST_PAUSE_MS = 1000;

/** The maximum pause, as in Clair v2. */
const MAX_PAUSE_MS = 15 * 60_000;

/**
 * The largest fraction by which a pause is shortened at random, so that the retries after one failure do not happen at
 * the same time.
 */
const JITTER = 0.25;

/**
 * Returns the pause in milliseconds after `failures` consecutive failures: one second, doubled with each failure, at most
 * 15 minutes.
 *
 * @param random from 0 to 1, as `Math.random()`
 */
export function backOff(failures: number, random: number): number {
  const pause = Math.min(FIRST_PAUSE_MS * 2 ** Math.max(failures - 1, 0), MAX_PAUSE_MS);
  return Math.round(pause * (1 - JITTER * random));
}
