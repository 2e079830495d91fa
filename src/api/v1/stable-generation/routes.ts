import type { FastifyInstance } from 'fastify';
import type { RouteOptions } from '../../api-options.ts';
import { sendError } from '../../error-response.ts';
import { fixRoutes } from './fixes.ts';
import { layerRoutes } from './layers.ts';
import { namespaceRoutes } from './namespaces.ts';
import { notificationRoutes } from './notifications.ts';
import { vulnerabilityRoutes } from './vulnerabilities.ts';

/** The stable generation of the v1 API (2016-2020), whose errors are `{"Error": {"Message": "..."}}`. */
export async function stableGeneration(server: FastifyInstance, options: RouteOptions): Promise<void> {
  server.setErrorHandler((error, request, reply) => sendError(error, 'stable', request, reply));
  layerRoutes(server, options);
  namespaceRoutes(server, options);
  vulnerabilityRoutes(server, options);
  fixRoutes(server, options);
  notificationRoutes(server, options);
}
