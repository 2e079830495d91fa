import type { FastifyInstance } from 'fastify';
import type { RouteOptions } from '../../api-options.ts';
import { sendError } from '../../error-response.ts';
import { batchRoutes } from './batch.ts';
import { layerRoutes } from './layers.ts';
import { serviceRoutes } from './service.ts';
import { vulnerabilityLayerRoutes } from './vulnerability-layers.ts';
import { vulnerabilityRoutes } from './vulnerabilities.ts';

/** The first generation of the v1 API (2015-2016), whose errors are `{"Message": "..."}`. */
export async function firstGeneration(server: FastifyInstance, options: RouteOptions): Promise<void> {
  server.setErrorHandler((error, request, reply) => sendError(error, 'first', request, reply));
  serviceRoutes(server, options);
  layerRoutes(server, options);
  batchRoutes(server, options);
  vulnerabilityRoutes(server, options);
  vulnerabilityLayerRoutes(server, options);
}
