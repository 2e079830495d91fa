import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { ClairError } from '../errors.ts';

/** What a client may call its request: it is logged and answered, so nothing in it may be taken for anything else. */
const REQUEST_ID_PATTERN = /^[\w.:-]{1,64}$/;

/** A timer that waits longer is over at once (nodejs.org/api/timers.html). */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The name that a client gave its request (`X-Request-Id`), if it is one, else a random one. */
export function requestIdOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID_PATTERN.test(given) ? given : randomUUID();
}

/** Names each request in its answer, and logs one line when it is over: the line has its name, too. */
export function followRequests(server: FastifyInstance): void {
  server.addHook('onRequest', async (request, reply) => {
    reply.header('server', 'clair').header('x-request-id', request.id);
  });
  server.addHook('onResponse', async (request, reply) => {
    const { method, url, ip } = request;
    const milliseconds = Math.round(reply.elapsedTime);
    request.log.info({ method, url, ip, status: reply.statusCode, milliseconds }, 'request');
  });
}

/**
 * Answers with an error when a request takes longer, in milliseconds; {@link whileWaitedFor} then ends its work. The
 * framework's own bound (`handlerTimeout`) is forgotten as soon as the body of a request was read. There is none with 0.
 */
export function limitTime(server: FastifyInstance, timeout: number): void {
  if (timeout === 0) return;
  server.addHook('onRequest', async (_request, reply) => {
    const timer = setTimeout(
      () => {
        const message = 'Clair failed to respond within the configured timeout window';
        if (!reply.sent) void reply.send(new ClairError('request/timeout', message));
      },
      Math.min(timeout, MAX_TIMER_MS),
    );
    reply.raw.once('close', () => clearTimeout(timer));
  });
}

/** A signal for the work behind a request: it is aborted when the answer is out, or the client is gone. */
export function whileWaitedFor({ raw }: FastifyReply): AbortSignal {
  const controller = new AbortController();
  if (raw.closed) controller.abort();
  else raw.once('close', () => controller.abort());
  return controller.signal;
}
