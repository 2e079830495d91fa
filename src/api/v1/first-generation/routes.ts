import type { FastifyInstance } from 'fastify';
import { ClairError } from '../../../errors.ts';
import type { ApiOptions } from '../../api-options.ts';
import { layerRoutes } from './layers.ts';
import { serviceRoutes } from './service.ts';
import { vulnerabilityRoutes } from './vulnerabilities.ts';

/** The first generation of the v1 API (2015-2016), whose errors are `{"Message": "..."}`. */
export async function firstGeneration(server: FastifyInstance, options: ApiOptions): Promise<void> {
  server.setNotFoundHandler(async (request) => {
    throw new ClairError('request/not-found', `there is no ${request.method} ${request.url.split('?', 1)[0]}`);
  });
  serviceRoutes(server, options);
  layerRoutes(server, options);
  vulnerabilityRoutes(server, options);
}
