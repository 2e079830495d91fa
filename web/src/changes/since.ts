/** The spans before now that a reader can select as the start of a period. */
export const SINCE_SPANS = ['1d', '7d', '30d'] as const;

/** The start of a period: a span before now, a day (`2026-01-31`, midnight UTC), or `all` without a start. */
export type Since = string;

export const DEFAULT_SINCE: Since = '7d';

const DAY_MS = 86_400_000;

/** Reads the start of a period from an address; returns the default for an invalid or absent text. */
export function sinceOf(text: string | null): Since {
  const isKnown = text === 'all' || SINCE_SPANS.some((span) => span === text) || isDay(text ?? '');
  return text !== null && isKnown ? text : DEFAULT_SINCE;
}

/** Returns whether a text is a day of the calendar, such as `2026-01-31`. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const midnight = Date.parse(`${text}T00:00:00Z`);
  // Date.parse alone would interpret 30 February as a day of March.
  return !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(text);
}

/**
 * Returns the start of a period as a time (ISO 8601); undefined for `all`.
 *
 * @param now milliseconds since 1970
 */
export function startOf(since: Since, now: number): string | undefined {
  if (since === 'all') return undefined;
  if (isDay(since)) return `${since}T00:00:00.000Z`;
  return new Date(now - Number.parseInt(since, 10) * DAY_MS).toISOString();
}
