import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { feedRows } from '../../model/report/feed-row.ts';
import type { RouteOptions } from '../api-options.ts';
import { TIME } from './shapes.ts';

const FEED = Type.Object(
  {
    name: Type.String(),
    state: Type.String({ description: 'fresh, refused, stale, failed or never updated' }),
    holds: textOrNull('kind of the entries in the feed, such as vulnerabilities'),
    updatedAt: Type.Union([TIME, Type.Null()], { description: 'last successful update, ISO 8601' }),
    attemptedAt: Type.Union([TIME, Type.Null()], { description: 'last update attempt, ISO 8601' }),
    ageSeconds: Type.Union([Type.Integer(), Type.Null()], { description: 'seconds since `updatedAt`' }),
    isStale: Type.Boolean(),
    error: textOrNull('error of the last update'),
    refused: textOrNull('reason why newer data was refused'),
    fingerprint: textOrNull('upstream ETag or modification time'),
    vulnerabilities: Type.Integer({ description: 'number of entries' }),
    recordDiagnostics: Type.Integer({ description: 'number of entries with diagnostics' }),
    skippedRecords: Type.Integer({ description: 'number of entries that could not be read' }),
    diagnosticExamples: Type.Array(Type.String()),
  },
  { title: 'Feed' },
);

function textOrNull(description: string): Type.TSchema {
  return Type.Union([Type.String(), Type.Null()], { description });
}

/** `GET /feeds` */
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
