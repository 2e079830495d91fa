import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { ApiOptions } from '../../api-options.ts';

/** Registers `GET /metrics`. */
export function metricsRoute(server: FastifyInstance, { metrics }: Pick<ApiOptions, 'metrics'>): void {
  server.get(
    '/metrics',
    {
      config: {
        described: {
          summary: 'Return metrics in the Prometheus text format.',
          answers: { 200: Type.String() },
          mediaType: 'text/plain',
          errors: [],
        },
      },
    },
    async (_request, reply) => await reply.type(metrics.contentType).send(await metrics.text()),
  );
}
