import type { FastifyInstance, HTTPMethods } from 'fastify';
import { ClairError } from '../../errors.ts';
import type { RouteDescription } from '../openapi.ts';

const METHODS: readonly HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** Returns a path without and with a trailing slash, because releases of Clair v4 differ in the trailing slash. */
export function slashForms(path: string): readonly string[] {
  return [path, `${path}/`];
}

/** Returns the documentation of a route only for its path without the trailing slash. */
export function documentedAt(url: string, described: RouteDescription): { readonly described?: RouteDescription } {
  return url.endsWith('/') ? {} : { described };
}

/** Registers responses with status 405 for all methods of a path except the methods in `methods`. */
export function refuseOtherMethods(server: FastifyInstance, path: string, methods: readonly HTTPMethods[]): void {
  for (const url of slashForms(path)) {
    server.route({
      method: METHODS.filter((method) => !methods.includes(method)),
      url,
      handler: async (request, reply) => {
        reply.header('allow', methods.join(', '));
        throw new ClairError(
          'request/method-not-allowed',
          `${request.method} is not allowed: use ${methods.join(' or ')}`,
        );
      },
    });
  }
}
