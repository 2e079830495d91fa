const DAY_MS = 86_400_000;

/** Returns the day of a time in days since 1970 (UTC); `time` is in milliseconds since 1970. */
export function dayOf(time: number): number {
  return Math.floor(time / DAY_MS);
}

/** Returns the day of a time in UTC as `YYYY-MM-DD`; `time` is in milliseconds since 1970. */
export function dayText(time: number): string {
  return new Date(time).toISOString().slice(0, 'YYYY-MM-DD'.length);
}

/** Returns the last millisecond of the day (UTC) of a time. Both times are in milliseconds since 1970. */
export function endOfDay(time: number): number {
  return (dayOf(time) + 1) * DAY_MS - 1;
}
