import { platform } from 'node:process';
import { Piscina } from 'piscina';
import { outcomeValue, type Outcome } from '../../errors.ts';
import { UPDATE_NICENESS } from '../niceness.ts';
import type { UpdateOptions } from '../updater.ts';
import type { UpdateResult } from '../update-result.ts';
import type { UpdateTask } from './update-task.ts';

export type UpdaterThreadOptions = Pick<UpdateTask, 'database' | 'version' | 'settings'>;

export type UpdaterThread = {
  /** Updates a feed like `Updater`, without progress reports. */
  readonly update: (feed: string, options?: Pick<UpdateOptions, 'signal'>) => Promise<UpdateResult>;
  /** Waits a short time for running updates, then terminates the thread, which rolls the updates back. */
  readonly close: () => Promise<void>;
};

/**
 * The time without updates after which the thread ends. The thread stays alive for further updates, although an idle
 * thread needs about 20 MB.
 */
const IDLE_MILLISECONDS = 30_000;

/** The maximum time for which running updates may continue after `close` is called. */
const CLOSE_MS = 2000;

/**
 * The maximum number of concurrent updates. Updates wait for downloads and transactions, not for the thread, and the
 * schedule runs fewer updates at the same time.
 */
const UPDATES_AT_A_TIME = 8;

/**
 * Updates feeds in a separate thread with separate database connections, so that the calling thread stays responsive.
 * Parsing and writing a feed takes seconds, and SQLite blocks the thread until a statement ends.
 */
export function createUpdaterThread(options: UpdaterThreadOptions): UpdaterThread {
  const pool = new Piscina<UpdateTask, Outcome<UpdateResult>>({
    filename: threadFile(),
    // With the arguments of the process, each thread would load its module loaders and profilers again.
    execArgv: [],
    name: 'updateInThread',
    minThreads: 0,
    maxThreads: 1,
    concurrentTasksPerWorker: UPDATES_AT_A_TIME,
    idleTimeout: IDLE_MILLISECONDS,
    closeTimeout: CLOSE_MS,
    // With atomics, the thread would block while it waits for a task, and could not run other updates.
    atomics: 'disabled',
    // On other platforms, the system call applies to the whole process.
    niceIncrement: platform === 'linux' ? UPDATE_NICENESS : 0,
  });
  // The pool emits this event after the close timeout, or for an error of the thread outside updates. An error during
  // an update rejects the promise of the update.
  pool.on('error', () => undefined);
  return {
    async update(feed, { signal } = {}) {
      signal?.throwIfAborted();
      // The signal of the pool would terminate the thread before the update has cleaned up.
      const { port1, port2 } = new MessageChannel();
      const stop = (): void => port1.postMessage('stop');
      signal?.addEventListener('abort', stop);
      try {
        return outcomeValue(await pool.run({ ...options, feed, stop: port2 }, { transferList: [port2] }));
      } finally {
        signal?.removeEventListener('abort', stop);
        port1.close();
      }
    },
    close: async () => await pool.close(),
  };
}

/** Returns the compiled file of the thread or, if Clair runs from sources, the loader of the source file. */
function threadFile(): string {
  const name = import.meta.url.endsWith('.ts') ? 'source-thread.mjs' : 'update-task.js';
  return new URL(name, import.meta.url).href;
}
