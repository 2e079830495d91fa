import type { FastifyInstance } from 'fastify';
import { servicesBody } from '../../../health/health-server.ts';
import type { ApiOptions } from '../../api-options.ts';

/** `GET /versions` and `GET /health`. */
export function serviceRoutes(server: FastifyInstance, { worker, health }: ApiOptions): void {
  server.get('/versions', async () => ({ APIVersion: '1', EngineVersion: String(worker.engineVersion) }));

  server.get('/health', async (_request, reply) => {
    const { isDown, body } = await servicesBody(health);
    return await reply.status(isDown ? 503 : 200).send(body);
  });
}
