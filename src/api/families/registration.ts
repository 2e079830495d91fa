import type { FastifyInstance } from 'fastify';
import type { RouteOptions } from '../api-options.ts';
import { describeRoutes } from '../openapi.ts';
import type { ApiFamily } from './api-family.ts';

/** Registers and documents the routes of all families, each mount in its own Fastify scope. */
export async function registerFamilies(
  server: FastifyInstance,
  families: readonly ApiFamily[],
  options: RouteOptions,
): Promise<void> {
  for (const family of families) {
    for (const { prefix, routes } of family.mounts) {
      await server.register(
        async (scope) => {
          scope.decorate('family', family);
          describeRoutes(scope, family);
          await routes(scope, options);
        },
        { prefix },
      );
    }
  }
}
