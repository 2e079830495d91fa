import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ClairError } from '../../errors.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The media type of the responses of a Clair v4 route, besides `application/json`. */
    readonly vendorType?: string;
  }
}

/** The vendor types of Clair v4. */
export const VENDOR_TYPES = {
  indexReport: 'application/vnd.clair.index_report.v1+json',
  indexState: 'application/vnd.clair.index_state.v1+json',
} as const;

const JSON_TYPE = 'application/json';

/**
 * Answers routes with a `vendorType` with that type if the `Accept` header prefers it, otherwise as `application/json`; with 415,
 * as Clair v4, if the header allows neither.
 */
export function negotiateTypes(server: FastifyInstance): void {
  server.addHook('preValidation', async ({ headers, routeOptions }) => {
    const { vendorType } = routeOptions.config;
    if (vendorType !== undefined) acceptedType(headers.accept, [JSON_TYPE, vendorType]);
  });
  server.addHook('onSend', async ({ headers, routeOptions }: FastifyRequest, reply: FastifyReply, payload: unknown) => {
    const { vendorType } = routeOptions.config;
    if (vendorType === undefined || reply.statusCode !== 200) return payload;
    const type = acceptedType(headers.accept, [JSON_TYPE, vendorType]);
    if (type === vendorType) reply.header('content-type', type);
    return payload;
  });
}

/**
 * Returns the type of a response: the type with the highest weight; of several, the one that the header names first, or else the
 * first of the list.
 *
 * @throws ClairError `request/not-acceptable` if the header allows none of the types
 */
export function acceptedType(accept: string | undefined, types: readonly string[]): string {
  const [first = ''] = types;
  if (accept === undefined || accept.trim() === '') return first;
  const ranges = new Map(accept.split(',').map(parsedRange));
  const named = [...ranges.keys()].filter((range) => types.includes(range));
  const place = (type: string): number => (named.includes(type) ? named.indexOf(type) : named.length);
  const allowed = types.filter((type) => weightOf(ranges, type) > 0);
  const best = allowed.toSorted(
    (one, other) => weightOf(ranges, other) - weightOf(ranges, one) || place(one) - place(other),
  )[0];
  if (best !== undefined) return best;
  throw new ClairError(
    'request/not-acceptable',
    `the response is ${types.join(' or ')}, which the Accept header does not allow`,
  );
}

/** Returns a media range and its weight (RFC 9110 section 12.5.1). */
function parsedRange(text: string): readonly [string, number] {
  const [range = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const weight = parameters.find((each) => each.startsWith('q='))?.slice(2);
  return [range, weight === undefined || Number.isNaN(Number(weight)) ? 1 : Number(weight)];
}

function weightOf(ranges: ReadonlyMap<string, number>, type: string): number {
  return ranges.get(type) ?? ranges.get('application/*') ?? ranges.get('*/*') ?? 0;
}
