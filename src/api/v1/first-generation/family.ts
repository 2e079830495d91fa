import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { SERVER_TOKENS } from '../../access/authentication.ts';
import type { ReadingOptions, RouteOptions } from '../../api-options.ts';
import type { ApiFamily } from '../../families/api-family.ts';
import { batchRoutes } from './batch.ts';
import { layerRoutes } from './layers.ts';
import { serviceRoutes } from './service.ts';
import { vulnerabilityLayerRoutes } from './vulnerability-layers.ts';
import { vulnerabilityRoutes } from './vulnerabilities.ts';

export const FIRST_GENERATION: ApiFamily = {
  id: 'first',
  title: 'First generation',
  description: 'The first generation of the v1 API (2015-2016).',
  mounts: [{ prefix: '/v1', routes, longRoutes }],
  authentication: SERVER_TOKENS,
  errors: {
    body: ({ message, code }) => ({ Message: `${message} (${code})` }),
    schema: Type.Object({ Message: Type.String() }),
    // The Clair v1 status code.
    statuses: { 'request/not-json': 415 },
  },
};

async function routes(server: FastifyInstance, options: RouteOptions): Promise<void> {
  serviceRoutes(server, options);
  layerRoutes(server, options);
  batchRoutes(server, options);
  vulnerabilityRoutes(server, options);
  vulnerabilityLayerRoutes(server, options);
}

function longRoutes(server: FastifyInstance, options: ReadingOptions): void {
  layerRoutes(server, options);
}
