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

/** Registers `GET /versions` and `GET /health`. */
export function serviceRoutes(server: FastifyInstance, { worker, health }: RouteOptions): void {
  server.get(
    '/versions',
    {
      config: {
        described: {
          summary: 'Return the API version and the analysis engine version.',
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
          summary: 'Return the health of each service; 503 if an essential service is unhealthy.',
          description:
            '`updater.Details.feeds` lists each feed that Clair has ever tried to update: `updatedAt` (last success), `attemptedAt` (last attempt), `ageSeconds`, `isStale`, `error`, `refused` (reason why newer data was refused), `fingerprint` (upstream ETag or modification time), `vulnerabilities`, `recordDiagnostics` and `skippedRecords`. The updater is healthy if Clair has updated at least one feed, the data of every feed is fresh, and the last update of every feed succeeded.',
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
