import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { ClairError } from '../../errors.ts';

/**
 * Refuses query parameters that a route does not have: `request/invalid`. A client that asks for an order or a filter must
 * not take an answer without one for what it asked for. Names may have any case of letters, as everywhere.
 */
export function refuseUnknownParameters(server: FastifyInstance): void {
  server.addHook<{ Querystring: Readonly<Record<string, unknown>> }>('onRequest', async ({ query, routeOptions }) => {
    const schema = routeOptions.schema?.querystring;
    const names = Type.IsObject(schema) ? Object.keys(schema.properties) : [];
    const known = new Set(names.map((name) => name.toLowerCase()));
    const unknown = Object.keys(query).find((name) => !known.has(name.toLowerCase()));
    if (unknown === undefined) return;
    const takes = names.length === 0 ? 'none' : `only ${names.join(', ')}`;
    throw new ClairError(
      'request/invalid',
      `${JSON.stringify(unknown.slice(0, 100))} is not a query parameter: ${takes} can be used`,
    );
  });
}
