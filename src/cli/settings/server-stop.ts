import type { FastifyInstance } from 'fastify';
import { doneWithin } from '../../database/engines/done-within.ts';

export type StopOptions = {
  readonly server: Pick<FastifyInstance, 'close' | 'server'>;
  /** Ends the work of requests that take too long. */
  readonly abandon: () => void;
  /** How long running requests have, in milliseconds. */
  readonly timeout: number;
  readonly log: Readonly<Record<'info' | 'warn', (fields: object, message: string) => void>>;
};

/** How long requests have to answer that their work was abandoned, and then the server's own work to end. */
const ABANDONED_MS = 2000;

/**
 * Stops a server within a bounded time: it stops listening and closes idle connections at once. Running requests may finish
 * until the timeout; then their work is abandoned, they get an error, and at last their connections are closed. Work that
 * still waits for the database fails when the caller closes the database.
 */
export async function stopServer({ server, abandon, timeout, log }: StopOptions): Promise<void> {
  log.info({}, 'stopping');
  const { server: sockets } = server;
  try {
    const closed = server.close();
    if (await doneWithin(closed, timeout)) return;
    log.warn({ milliseconds: timeout }, 'running requests abandoned');
    abandon();
    if (await doneWithin(closed, ABANDONED_MS)) return;
    sockets.closeAllConnections();
    await closeServer({ server, log });
  } finally {
    log.info({}, 'stopped');
  }
}

/** Closes a server and waits for its own work (the submission queue, threads) for two seconds. */
export async function closeServer({ server, log }: Pick<StopOptions, 'server' | 'log'>): Promise<void> {
  const closed = server.close();
  if (await doneWithin(closed, ABANDONED_MS)) return;
  log.warn({ milliseconds: ABANDONED_MS }, 'work of the API not done: its connections to the database are closed');
  Promise.resolve(closed).catch(() => undefined);
}

/**
 * Waits until what a server does on its own has stopped, for so many milliseconds: a database that does not answer may hold
 * it up for as long as a statement may take. What is left then fails when the connections are closed.
 *
 * @param stopped what tells each to stop gave
 */
export async function stopBackground(
  stopped: readonly Promise<void>[],
  { timeout, log }: Pick<StopOptions, 'timeout' | 'log'>,
): Promise<void> {
  const all = Promise.all(stopped);
  if (await doneWithin(all, timeout)) return;
  log.warn({ milliseconds: timeout }, 'work in the background not done: its connections to the database are closed');
  // Nobody waits for it any more, and what it was about to write is rolled back.
  all.catch(() => undefined);
}
