import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { servicesBody } from '../../../health/health-server.ts';
import type { RouteOptions } from '../../api-options.ts';

const HEALTH = Type.Record(
  Type.String(),
  Type.Object(
    { IsHealthy: Type.Boolean(), Details: Type.Record(Type.String(), Type.Unknown()) },
    { title: 'ServiceHealth' },
  ),
);

/** `GET /versions` and `GET /health`. */
export function serviceRoutes(server: FastifyInstance, { worker, health }: RouteOptions): void {
  server.get(
    '/versions',
    {
      config: {
        described: {
          summary: 'The versions of the API and of the engine that analyses layers.',
          answers: { 200: Type.Object({ APIVersion: Type.String(), EngineVersion: Type.String() }) },
          errors: [],
        },
      },
    },
    async () => ({ APIVersion: '1', EngineVersion: String(worker.engineVersion) }),
  );

  server.get(
    '/health',
    {
      config: {
        described: {
          summary: 'What each service says of itself; 503 when one that Clair cannot do without is not healthy.',
          answers: { 200: HEALTH, 503: HEALTH },
          errors: [],
        },
      },
    },
    async (_request, reply) => {
      const { isDown, body } = await servicesBody(health);
      return await reply.status(isDown ? 503 : 200).send(body);
    },
  );
}
