import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { ApiOptions } from '../api-options.ts';
import { sendError } from '../error-response.ts';

/** `GET /v1/metrics`, as the stable generation had it. */
export function metricsRoute(server: FastifyInstance, { metrics }: Pick<ApiOptions, 'metrics'>): void {
  const described = {
    generation: 'stable',
    summary: 'Metrics, for Prometheus.',
    answers: { 200: Type.String() },
    mediaType: 'text/plain',
    errors: [],
  } as const;
  server.get(
    '/v1/metrics',
    {
      config: { described },
      errorHandler: (error, request, reply) => void sendError(error, 'stable', request, reply),
    },
    async (_request, reply) => await reply.type(metrics.contentType).send(await metrics.text()),
  );
}
