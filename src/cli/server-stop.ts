import { setTimeout } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';

export type StopOptions = {
  readonly server: Pick<FastifyInstance, 'close' | 'server'>;
  /** Ends the work of requests that take too long. */
  readonly abandon: () => void;
  /** How long running requests have, in milliseconds. */
  readonly timeout: number;
  readonly log: Readonly<Record<'info' | 'warn', (fields: object, message: string) => void>>;
};

/** How long requests have to answer that their work was abandoned. */
const ABANDONED_MS = 2000;

/** How often connections are looked for on which the last answer was given. */
const IDLE_CHECK_MS = 100;

/**
 * Stops a server: it listens no more, and connections without a request are closed at once. Running requests may finish
 * within the time that they have; then their work is abandoned, and they are answered that, or cut off at last.
 */
export async function stopServer({ server, abandon, timeout, log }: StopOptions): Promise<void> {
  log.info({}, 'stopping');
  const { server: sockets } = server;
  const idle = setInterval(() => sockets.closeIdleConnections(), IDLE_CHECK_MS);
  try {
    const closed = server.close();
    if (await isDoneWithin(closed, timeout)) return;
    log.warn({ milliseconds: timeout }, 'running requests abandoned');
    abandon();
    if (await isDoneWithin(closed, ABANDONED_MS)) return;
    sockets.closeAllConnections();
    await closed;
  } finally {
    clearInterval(idle);
    log.info({}, 'stopped');
  }
}

async function isDoneWithin(work: PromiseLike<unknown>, milliseconds: number): Promise<boolean> {
  const timer = new AbortController();
  const late = setTimeout(milliseconds, false, { signal: timer.signal }).catch(() => false);
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    timer.abort();
  }
}
