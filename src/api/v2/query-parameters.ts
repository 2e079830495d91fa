import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { ClairError } from '../../errors.ts';

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
