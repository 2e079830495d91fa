import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { feedRows } from '../../model/report/feed-row.ts';
import type { RouteOptions } from '../api-options.ts';
import { TIME } from './shapes.ts';

const TEXT = Type.Union([Type.String(), Type.Null()]);

const FEED = Type.Object(
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
    recordDiagnostics: Type.Integer(),
    skippedRecords: Type.Integer(),
    diagnosticExamples: Type.Array(Type.String()),
  },
  { title: 'Feed' },
);

/** `GET /feeds` */
export function feedsRoute(server: FastifyInstance, { store, knownFeeds }: RouteOptions): void {
  server.get(
    '/feeds',
    {
      config: {
        described: {
          summary: 'The feeds, how old their data is, and why the last update failed; as `clair feeds --json`.',
          answers: { 200: Type.Object({ feeds: Type.Array(FEED) }) },
          errors: [],
        },
      },
    },
    async () => ({ feeds: feedRows(knownFeeds, await store.feeds.all(), store.now()) }),
  );
}
