import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { FeedState } from '../../model/feed.ts';
import { type FeedRow, feedRows } from '../../model/report/feed-row.ts';
import type { RouteOptions } from '../api-options.ts';

const STATUS = Type.Object(
  {
    version: Type.String(),
    access: Type.String({ description: 'access of the token: full or read-only' }),
    database: Type.Object({ schema: Type.Integer() }, { description: 'schema version of the database' }),
    queue: Type.Object(
      { queued: Type.Integer(), reading: Type.Integer() },
      { description: 'numbers of queued and running submissions' },
    ),
    feeds: Type.Object(
      { ok: Type.Integer(), refused: Type.Integer(), stale: Type.Integer(), failed: Type.Integer() },
      {
        description:
          'number of feeds that Clair has ever tried to update, by state as in `GET /v2/feeds`; `ok` feeds are fresh',
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

/** Counts the feeds by the states that `GET /feeds` returns. */
function countOf(
  states: readonly FeedState[],
  now: number,
): Readonly<Record<'ok' | 'refused' | 'stale' | 'failed', number>> {
  const rows = feedRows([], states, now);
  const numberOf = (state: FeedRow['state']): number => rows.filter((row) => row.state === state).length;
  return { ok: numberOf('fresh'), refused: numberOf('refused'), stale: numberOf('stale'), failed: numberOf('failed') };
}
