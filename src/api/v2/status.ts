import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { isStale, type FeedState } from '../../model/feed.ts';
import type { RouteOptions } from '../api-options.ts';

const STATUS = Type.Object(
  {
    version: Type.String(),
    access: Type.String({ description: 'what this request may do: full or read-only' }),
    database: Type.Object({ schema: Type.Integer() }),
    queue: Type.Object({ queued: Type.Integer(), reading: Type.Integer() }),
    feeds: Type.Object({ ok: Type.Integer(), stale: Type.Integer(), failed: Type.Integer() }),
  },
  { title: 'Status' },
);

/** `GET /status` */
export function statusRoute(server: FastifyInstance, { store, version }: RouteOptions): void {
  server.get(
    '/status',
    {
      config: {
        described: {
          summary:
            'The version, what the token may do, how many submitted images wait and are read, and how many feeds are fresh.',
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

/** Those that were tried; one that is old counts as that, whether it failed as well or not. */
function countOf(states: readonly FeedState[], now: number): Readonly<Record<'ok' | 'stale' | 'failed', number>> {
  const stale = states.filter((state) => isStale(state, now)).length;
  const failed = states.filter((state) => !isStale(state, now) && state.error !== null).length;
  return { ok: states.length - stale - failed, stale, failed };
}
