import type { FastifyInstance, FastifyReply } from 'fastify';
import { ClairError } from '../errors.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Of a route whose answers tell of what goes on as long as it does. */
    readonly isLive?: boolean;
  }
}

/** How long such an answer may go on, in milliseconds; clients ask again then. */
const MAX_LIVE_MS = 60 * 60 * 1000;

/** A timer that waits longer is over at once (nodejs.org/api/timers.html). */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Says in each answer which server it is from, as the original did. */
export function nameServer(server: FastifyInstance): void {
  server.addHook('onRequest', async (_request, reply) => {
    reply.header('server', 'clair');
  });
}

/**
 * Answers with an error when a request takes longer, in milliseconds; {@link whileWaitedFor} then ends its work. The
 * framework's own bound (`handlerTimeout`) is forgotten as soon as the body of a request was read. There is none with 0.
 */
export function limitTime(server: FastifyInstance, timeout: number): void {
  if (timeout === 0) return;
  server.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.config.isLive === true || reply.raw.closed) return;
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

/**
 * Cuts off a client that takes longer, in milliseconds, to read its answer: it would hold it in memory for ever. One that is
 * gone already needs no timer, which nothing would end and the process would wait for.
 */
export function limitAnswers(server: FastifyInstance, timeout: number): void {
  server.addHook('onSend', async (request, { raw }) => {
    if (raw.closed) return;
    const isLive = request.routeOptions.config.isLive === true;
    const timer = setTimeout(() => raw.destroy(), isLive ? MAX_LIVE_MS : timeout);
    raw.once('close', () => clearTimeout(timer));
  });
}

/** How often a server that is stopping looks for connections on which the last answer was given, in milliseconds. */
const IDLE_CHECK_MS = 100;

/** Closes idle connections at once when the server stops, and others as soon as they are answered. */
export function closeIdleWhileStopping(server: FastifyInstance, closeIdle: () => void): void {
  server.addHook('preClose', async () => {
    // One that never listened has no connections, and tells nobody that it is closed.
    if (!server.server.listening) return;
    const timer = setInterval(closeIdle, IDLE_CHECK_MS);
    server.server.once('close', () => clearInterval(timer));
    closeIdle();
  });
}

/** A signal for the work behind a request: it is aborted when the answer is out, or the client is gone. */
export function whileWaitedFor({ raw }: FastifyReply): AbortSignal {
  const controller = new AbortController();
  if (raw.closed) controller.abort();
  else raw.once('close', () => controller.abort());
  return controller.signal;
}
