import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { sourceRows } from '../../model/report/source-row.ts';
import type { RouteOptions } from '../api-options.ts';
import { TIME } from './shapes.ts';

const TEXT = Type.Union([Type.String(), Type.Null()]);

const SOURCE = Type.Object(
  {
    name: Type.String(),
    state: Type.String({ description: 'fresh, refused, old, failed or never updated' }),
    holds: TEXT,
    updatedAt: Type.Union([TIME, Type.Null()]),
    attemptedAt: Type.Union([TIME, Type.Null()]),
    ageSeconds: Type.Union([Type.Integer(), Type.Null()]),
    isStale: Type.Boolean(),
    error: TEXT,
    refused: TEXT,
    fingerprint: TEXT,
    vulnerabilities: Type.Integer(),
    unclearRecords: Type.Integer(),
    skippedRecords: Type.Integer(),
    unclearExamples: Type.Array(Type.String()),
  },
  { title: 'Source' },
);

/** `GET /sources` */
export function sourcesRoute(server: FastifyInstance, { store, knownSources }: RouteOptions): void {
  server.get(
    '/sources',
    {
      config: {
        described: {
          summary: 'The sources, how old their data is, and why the last update failed; as `clair feeds --json`.',
          answers: { 200: Type.Object({ sources: Type.Array(SOURCE) }) },
          errors: [],
        },
      },
    },
    async () => ({ sources: sourceRows(knownSources, await store.sources.all(), store.now()) }),
  );
}
