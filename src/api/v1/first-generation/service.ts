import type { FastifyInstance } from 'fastify';
import type { ApiOptions } from '../../api-options.ts';

/** `GET /versions` and `GET /health`. */
export function serviceRoutes(server: FastifyInstance, { worker, health }: ApiOptions): void {
  server.get('/versions', async () => ({ APIVersion: '1', EngineVersion: String(worker.engineVersion) }));

  server.get('/health', async (_request, reply) => {
    const services = Object.entries(await health.check());
    const isDown = services.some(([, { isHealthy, isEssential }]) => isEssential && !isHealthy);
    const body = services.map(([name, { isHealthy, details }]) => [name, { IsHealthy: isHealthy, Details: details }]);
    return await reply.status(isDown ? 503 : 200).send(Object.fromEntries(body));
  });
}
