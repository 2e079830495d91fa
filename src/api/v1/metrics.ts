import type { FastifyInstance } from 'fastify';
import type { ApiOptions } from '../api-options.ts';

/** `GET /v1/metrics`, as the stable generation had it. */
export function metricsRoute(server: FastifyInstance, { metrics }: Pick<ApiOptions, 'metrics'>): void {
  server.get('/v1/metrics', async (_request, reply) => {
    return await reply.type(metrics.contentType).send(await metrics.text());
  });
}
