import type { FastifyInstance, FastifyReply } from 'fastify';
import { shownTime } from '../bytes/http/timeout-error.ts';
import { ClairError } from '../errors.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Marks a route that streams events until a submission finishes. */
    readonly isLive?: boolean;
  }
}

/** The maximum duration of an event stream, in milliseconds; clients reconnect after this time. */
const MAX_LIVE_MS = 60 * 60 * 1000;

/** Node fires longer timers immediately (nodejs.org/api/timers.html). */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Adds the header `server: clair` to each response, as Clair v1 does. */
export function nameServer(server: FastifyInstance): void {
  server.addHook('onRequest', async (_request, reply) => {
    reply.header('server', 'clair');
  });
}

/**
 * Fails requests, except event streams, that take longer than `timeout` milliseconds; {@link whileWaitedFor} then
 * aborts their queries. 0 means no limit. The `handlerTimeout` of the framework is not used, because it does not apply
 * after the body is read.
 */
export function limitTime(server: FastifyInstance, timeout: number): void {
  if (timeout === 0) return;
  server.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.config.isLive === true || reply.raw.closed) return;
    const timer = setTimeout(
      () => {
        const message = `Clair did not respond within ${shownTime(timeout)} (api.timeout)`;
        if (!reply.sent) void reply.send(new ClairError('request/timeout', message));
      },
      Math.min(timeout, MAX_TIMER_MS),
    );
    reply.raw.once('close', () => clearTimeout(timer));
  });
}

/**
 * Disconnects a client that takes longer than `timeout` milliseconds to read its response, because the response would
 * stay in memory. An event stream ends after an hour instead. No timer is started for a client that has already
 * disconnected, because nothing would clear the timer.
 */
export function limitAnswers(server: FastifyInstance, timeout: number): void {
  server.addHook('onSend', async (request, { raw }) => {
    if (raw.closed) return;
    const isLive = request.routeOptions.config.isLive === true;
    const timer = setTimeout(() => raw.destroy(), isLive ? MAX_LIVE_MS : timeout);
    raw.once('close', () => clearTimeout(timer));
  });
}

/** The interval in milliseconds at which a stopping server closes idle connections. */
const IDLE_CHECK_MS = 100;

/** When the server stops, closes idle connections immediately and busy connections after their response. */
export function closeIdleWhileStopping(server: FastifyInstance, closeIdle: () => void): void {
  server.addHook('preClose', async () => {
    // A server that never listened emits no `close` event.
    if (!server.server.listening) return;
    const timer = setInterval(closeIdle, IDLE_CHECK_MS);
    server.server.once('close', () => clearInterval(timer));
    closeIdle();
  });
}

/** Returns a signal that aborts when the response is sent or the client disconnects. */
export function whileWaitedFor({ raw }: FastifyReply): AbortSignal {
  const controller = new AbortController();
  if (raw.closed) controller.abort();
  else raw.once('close', () => controller.abort());
  return controller.signal;
}
