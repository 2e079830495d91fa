import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { ClairError } from '../../errors.ts';
import { isDay } from '../../model/time/day.ts';

/**
 * Rejects unknown query parameters with `request/invalid`, so that a client does not mistake an unfiltered list for a
 * filtered list. Parameter names can have any case.
 */
export function refuseUnknownParameters(server: FastifyInstance): void {
  server.addHook<{ Querystring: Readonly<Record<string, unknown>> }>('onRequest', async ({ query, routeOptions }) => {
    const schema = routeOptions.schema?.querystring;
    const names = Type.IsObject(schema) ? Object.keys(schema.properties) : [];
    const known = new Set(names.map((name) => name.toLowerCase()));
    const unknown = Object.keys(query).find((name) => !known.has(name.toLowerCase()));
    if (unknown === undefined) return;
    const allowed = names.length === 0 ? 'this route takes no parameters' : `use ${names.join(', ')}`;
    throw new ClairError(
      'request/invalid',
      `unknown query parameter ${JSON.stringify(unknown.slice(0, 100))}: ${allowed}`,
    );
  });
}

/** The parameter for the start of a period; {@link pastTime} reads it. */
export const SINCE: Type.TString = Type.String({
  maxLength: 64,
  description:
    'start of the period, not in the future: a day (midnight UTC), or an ISO 8601 time with `Z` or an offset (write + as %2B); at most 64 characters',
});

/** Matches a day, or a time with an offset (RFC 3339 section 5.6). */
const TIME_PATTERN = /^(\d{4}-\d{2}-\d{2})(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2}))?$/;

/**
 * Returns the time of a `since` parameter in milliseconds since 1970.
 *
 * @throws ClairError `request/invalid` for an invalid or future time
 */
export function pastTime(text: string, now: number): number {
  const day = TIME_PATTERN.exec(text)?.[1];
  const time = day === undefined ? Number.NaN : Date.parse(text);
  if (Number.isNaN(time) || !isDay(day ?? '')) {
    const forms = '2026-01-31, 2026-01-31T10:00:00Z or 2026-01-31T10:00:00%2B01:00';
    throw new ClairError(
      'request/invalid',
      `since ${JSON.stringify(text)} is invalid: use a day or a time, such as ${forms}`,
    );
  }
  if (time > now) throw new ClairError('request/invalid', `since must not be in the future: ${text}`);
  return time;
}
