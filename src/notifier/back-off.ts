const FIRST_PAUSE_MS = 1000;

/** The maximum pause, as in Clair v2. */
const MAX_PAUSE_MS = 15 * 60_000;

/**
 * The maximum fraction by which a pause is randomly shortened, so that the retries after a common failure do not happen
 * at the same time.
 */
const JITTER = 0.25;

/**
 * Returns the pause in milliseconds after `failures` consecutive failures. The pause is one second after the first
 * failure, and doubles with each failure up to 15 minutes. A part of up to a quarter is subtracted, in proportion to
 * `random`.
 *
 * @param random a number from 0 to 1, such as the result of `Math.random()`
 */
export function backOff(failures: number, random: number): number {
  const pause = Math.min(FIRST_PAUSE_MS * 2 ** Math.max(failures - 1, 0), MAX_PAUSE_MS);
  return Math.round(pause * (1 - JITTER * random));
}
