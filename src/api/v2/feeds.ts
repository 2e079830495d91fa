import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { feedRows } from '../../model/report/feed-row.ts';
import type { RouteOptions } from '../api-options.ts';
import { TIME } from './shapes.ts';

const FEED = Type.Object(
  {
    name: Type.String(),
    state: Type.String({ description: 'fresh, refused, stale, failed or never updated' }),
    holds: textOrNull('vulnerabilities or enrichments; null for a feed that this release of Clair does not know'),
    updatedAt: Type.Union([TIME, Type.Null()], {
      description: 'last successful update, ISO 8601; null before the first',
    }),
    attemptedAt: Type.Union([TIME, Type.Null()], {
      description: 'last update attempt, ISO 8601; null before the first',
    }),
    ageSeconds: Type.Union([Type.Integer(), Type.Null()], {
      description: 'seconds since `updatedAt`; null if `updatedAt` is null',
    }),
    isStale: Type.Boolean(),
    error: textOrNull('reason why the last update failed; otherwise null'),
    refused: textOrNull('reason why newer data was refused; otherwise null'),
    fingerprint: textOrNull(
      'ETag of the upstream data, or its modification time if the server sent no ETag; null if the server sent neither',
    ),
    vulnerabilities: Type.Integer({ description: 'number of entries' }),
    recordDiagnostics: Type.Integer({ description: 'number of entries that Clair could not fully read' }),
    skippedRecords: Type.Integer({
      description: 'number of entries in `recordDiagnostics` that Clair skipped in whole or in part',
    }),
    diagnosticExamples: Type.Array(Type.String()),
  },
  { title: 'Feed' },
);

function textOrNull(description: string): Type.TSchema {
  return Type.Union([Type.String(), Type.Null()], { description });
}

/** Registers `GET /feeds`. */
export function feedsRoute(server: FastifyInstance, { store, knownFeeds }: RouteOptions): void {
  server.get(
    '/feeds',
    {
      config: {
        described: {
          summary: 'List the feeds with their state, age and last error.',
          description: 'Returns the entries of `clair feeds --format json`.',
          answers: { 200: Type.Object({ feeds: Type.Array(FEED) }) },
          errors: [],
        },
      },
    },
    async () => ({ feeds: feedRows(knownFeeds, await store.feeds.all(), store.now()) }),
  );
}
