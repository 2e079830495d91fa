import type { FastifyInstance } from 'fastify';
import { doneWithin } from '../../threads/done-within.ts';

export type StopOptions = {
  readonly server: Pick<FastifyInstance, 'close' | 'server'>;
  /** Aborts the running requests. */
  readonly abandon: () => void;
  /** The time limit for running requests to finish, in milliseconds. */
  readonly timeout: number;
  readonly log: Readonly<Record<'info' | 'warn', (fields: object, message: string) => void>>;
};

/**
 * The time limit for aborted requests to respond; also the time limit of {@link closeServer}, in milliseconds.
 */
const ABANDONED_MS = 2000;

/**
 * Stops a server within a bounded time. The server stops listening and closes idle connections immediately. Running
 * requests can finish until the timeout. After the timeout, the server aborts the remaining requests, and finally
 * closes their connections. If a request still waits for the database, the request fails when the caller closes the
 * database.
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

/** Closes a server, and waits up to two seconds for its submission queue and threads. */
export async function closeServer({ server, log }: Pick<StopOptions, 'server' | 'log'>): Promise<void> {
  const closed = server.close();
  if (await doneWithin(closed, ABANDONED_MS)) return;
  log.warn({ milliseconds: ABANDONED_MS }, 'API work unfinished, closing its database connections');
  Promise.resolve(closed).catch(() => undefined);
}

/**
 * Waits for background work to stop, but at most for the timeout, because an unresponsive database can delay the work.
 * Unfinished work fails when its database connections are closed.
 *
 * @param stopped the promises that the stop functions returned
 */
export async function stopBackground(
  stopped: readonly Promise<void>[],
  { timeout, log }: Pick<StopOptions, 'timeout' | 'log'>,
): Promise<void> {
  const all = Promise.all(stopped);
  if (await doneWithin(all, timeout)) return;
  log.warn({ milliseconds: timeout }, 'background work unfinished, closing its database connections');
  // Errors of the work are ignored, because nothing else uses the result and the database rolls back the open
  // transaction.
  all.catch(() => undefined);
}
