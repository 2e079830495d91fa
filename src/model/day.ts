const DAY_MS = 86_400_000;

/** The day of a time: the first one counted from 1970 in days (UTC), the other one in milliseconds. */
export function dayOf(time: number): number {
  return Math.floor(time / DAY_MS);
}
