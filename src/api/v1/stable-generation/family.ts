import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { SERVER_TOKENS } from '../../access/authentication.ts';
import type { ReadingOptions, RouteOptions } from '../../api-options.ts';
import type { ApiFamily } from '../../families/api-family.ts';
import { fixRoutes } from './fixes.ts';
import { layerRoutes } from './layers.ts';
import { metricsRoute } from './metrics.ts';
import { namespaceRoutes } from './namespaces.ts';
import { notificationRoutes } from './notifications.ts';
import { vulnerabilityRoutes } from './vulnerabilities.ts';

export const STABLE_GENERATION: ApiFamily = {
  id: 'stable',
  title: 'Stable generation',
  description: 'The stable generation of the v1 API (2016-2020).',
  mounts: [{ prefix: '/v1', routes, longRoutes }],
  authentication: SERVER_TOKENS,
  errors: {
    body: ({ message, code, type }) => ({
      Error: { Message: `${message} (${code})`, ...(type !== undefined && { Type: type }) },
    }),
    schema: Type.Object({
      Error: Type.Object({ Message: Type.String(), Type: Type.Optional(Type.String()) }),
    }),
    // The Clair v1 status codes.
    statuses: { unreadable: 422, unreachable: 400, 'bytes/not-found': 400 },
  },
};

async function routes(server: FastifyInstance, options: RouteOptions): Promise<void> {
  metricsRoute(server, options);
  layerRoutes(server, options);
  namespaceRoutes(server, options);
  vulnerabilityRoutes(server, options);
  fixRoutes(server, options);
  notificationRoutes(server, options);
}

function longRoutes(server: FastifyInstance, options: ReadingOptions): void {
  layerRoutes(server, options);
  namespaceRoutes(server, options);
}
