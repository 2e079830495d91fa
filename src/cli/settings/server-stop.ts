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

/** How long requests have to answer that their work was abandoned. */
const ABANDONED_MS = 2000;

/**
 * Stops a server: it listens no more, and closes connections without a request at once. Running requests may finish
 * within the time that they have; then their work is abandoned, and they are answered that, or cut off at last.
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
    await closed;
  } finally {
    log.info({}, 'stopped');
  }
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
