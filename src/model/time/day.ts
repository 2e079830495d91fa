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

/** A day of the calendar as `YYYY-MM-DD`; {@link isDay} checks it. */
export type Day = `${number}-${number}-${number}`;

/** Returns whether a text is a day of the calendar in the form `YYYY-MM-DD` (RFC 3339 section 5.6, `full-date`). */
export function isDay(text: string): text is Day {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const midnight = Date.parse(`${text}T00:00:00Z`);
  // Date.parse alone would interpret 30 February as a day of March.
  return !Number.isNaN(midnight) && dayText(midnight) === text;
}
