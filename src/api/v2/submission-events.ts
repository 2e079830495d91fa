import { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Store } from '../../database/contracts/store.ts';
import type { Submission } from '../../model/submission.ts';
import type { RouteOptions } from '../api-options.ts';
import { whileWaitedFor } from '../request-life.ts';
import { SUBMISSION_PARAMS, submissionJson, submissionNamed } from './submissions.ts';

/** How often it is looked how far a submission has come: whichever instance reads it writes that to the database. */
const POLL_MS = 500;

/** After how long of silence a comment is sent, so that nobody in between takes the connection for dead. */
const HEARTBEAT_MS = 15_000;

/** After how long a client that was cut off asks again. */
const RETRY_MS = 2000;

/** `GET /submissions/:id/events`: server-sent events (html.spec.whatwg.org, "Server-sent events"). */
export function submissionEventsRoute(server: FastifyInstance, { store }: RouteOptions): void {
  const closing = new AbortController();
  // A server that stops would wait for these: clients ask another instance then.
  server.addHook('preClose', async () => closing.abort());

  server.get<{ Params: Type.Static<typeof SUBMISSION_PARAMS> }>(
    '/submissions/:id/events',
    {
      schema: { params: SUBMISSION_PARAMS },
      config: {
        isLive: true,
        described: {
          summary: 'How far a submitted image has come, as events (progress, done, failed) until it is over.',
          answers: { 200: Type.String() },
          mediaType: 'text/event-stream',
          errors: [400, 404],
        },
      },
    },
    async ({ params: { id } }, reply) => {
      const first = await submissionNamed(store, id);
      const signal = AbortSignal.any([whileWaitedFor(reply), closing.signal]);
      // A proxy that kept the events back would make them useless (nginx.org, X-Accel-Buffering).
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
