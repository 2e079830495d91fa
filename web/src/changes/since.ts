import { type Day, isDay } from '../../../src/model/time/day.ts';

/** The spans before now that a reader can select as the start of a period. */
export const SINCE_SPANS = ['1d', '7d', '30d'] as const;

/** The start of a period: a span before now, a day (`2026-01-31`, midnight UTC), or `all` without a start. */
export type Since = (typeof SINCE_SPANS)[number] | Day | 'all';

export const DEFAULT_SINCE: Since = '7d';

const DAY_MS = 86_400_000;

/** Reads the start of a period from an address; returns the default for an invalid or absent text. */
export function sinceOf(text: string | null): Since {
  if (text === 'all' || (text !== null && isDay(text))) return text;
  return SINCE_SPANS.find((span) => span === text) ?? DEFAULT_SINCE;
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
