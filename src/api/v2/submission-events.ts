import { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Store } from '../../database/contracts/store.ts';
import type { Submission } from '../../model/submission.ts';
import type { RouteOptions } from '../api-options.ts';
import { whileWaitedFor } from '../request-life.ts';
import { SUBMISSION_PARAMS, submissionJson, submissionNamed } from './submissions.ts';

/** The interval between reads of the progress from the database; the analysing instance writes the progress. */
const POLL_MS = 500;

/** The time without events after which the server sends a comment, so that proxies keep the connection open. */
const HEARTBEAT_MS = 15_000;

/** The delay after which a disconnected client reconnects. */
const RETRY_MS = 2000;

/**
 * Registers `GET /submissions/:id/events`, which returns server-sent events (html.spec.whatwg.org, "Server-sent
 * events").
 */
export function submissionEventsRoute(server: FastifyInstance, { store }: RouteOptions): void {
  const closing = new AbortController();
  // A stopping server closes the event streams instead of waiting for their end; clients reconnect to another instance.
  server.addHook('preClose', async () => closing.abort());

  server.get<{ Params: Type.Static<typeof SUBMISSION_PARAMS> }>(
    '/submissions/:id/events',
    {
      schema: { params: SUBMISSION_PARAMS },
      config: {
        isLive: true,
        described: {
          summary: 'Stream the progress of a submission as server-sent events.',
          description:
            'The events `progress`, `done` and `failed` contain the submission as JSON. The stream ends after `done` or `failed`, after one hour, and when the server stops; reconnect to continue on any instance.',
          answers: { 200: Type.String() },
          mediaType: 'text/event-stream',
          errors: [400, 404],
        },
      },
    },
    async ({ params: { id } }, reply) => {
      const first = await submissionNamed(store, id);
      const signal = AbortSignal.any([whileWaitedFor(reply), closing.signal]);
      // The header `X-Accel-Buffering` disables response buffering in nginx (nginx.org).
      reply.header('cache-control', 'no-store').header('x-accel-buffering', 'no');
      reply.type('text/event-stream; charset=utf-8');
      return await reply.send(Readable.from(eventsOf(store, first, signal)));
    },
  );
}

async function* eventsOf(
  { submissions }: Pick<Store, 'submissions'>,
  first: Submission,
  signal: AbortSignal,
): AsyncGenerator<string> {
  yield `retry: ${RETRY_MS}\n\n`;
  let told = '';
  let lastWord = performance.now();
  for (let present: Submission | undefined = first; present !== undefined && !signal.aborted; ) {
    const data = JSON.stringify(submissionJson(present));
    const isOver = present.finishedAt !== null;
    const isSilent = performance.now() - lastWord >= HEARTBEAT_MS;
    if (data !== told || isSilent) {
      yield data === told ? ': still there\n\n' : `event: ${isOver ? present.state : 'progress'}\ndata: ${data}\n\n`;
      lastWord = performance.now();
    }
    if (isOver) return;
    told = data;
    await setTimeout(POLL_MS, undefined, { signal }).catch(() => undefined);
    if (!signal.aborted) present = await submissions.find(first.name);
  }
}
