import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { isStale, type FeedState } from '../../model/feed.ts';
import type { RouteOptions } from '../api-options.ts';

const STATUS = Type.Object(
  {
    version: Type.String(),
    access: Type.String({ description: 'access of the token: full or read-only' }),
    database: Type.Object({ schema: Type.Integer() }, { description: 'schema version of the database' }),
    queue: Type.Object(
      { queued: Type.Integer(), reading: Type.Integer() },
      { description: 'queued and running submissions' },
    ),
    feeds: Type.Object(
      { ok: Type.Integer(), stale: Type.Integer(), failed: Type.Integer() },
      {
        description:
          'number of feeds that Clair has ever tried to update, by state: ok, stale, or failed (not stale, but the last update failed)',
      },
    ),
  },
  { title: 'Status' },
);

/** Registers `GET /status`. */
export function statusRoute(server: FastifyInstance, { store, version }: RouteOptions): void {
  server.get(
    '/status',
    {
      config: {
        described: {
          summary: 'Return the version, the access of the token, and the state of the queue and the feeds.',
          answers: { 200: STATUS },
          errors: [],
        },
      },
    },
    async ({ access }) => ({
      version,
      access,
      database: { schema: store.schema.to },
      queue: await store.submissions.count(),
      feeds: countOf(await store.feeds.all(), store.now()),
    }),
  );
}

/** Counts the feeds by state; a stale feed with a failed update counts as stale. */
function countOf(states: readonly FeedState[], now: number): Readonly<Record<'ok' | 'stale' | 'failed', number>> {
  const stale = states.filter((state) => isStale(state, now)).length;
  const failed = states.filter((state) => !isStale(state, now) && state.error !== null).length;
  return { ok: states.length - stale - failed, stale, failed };
}
