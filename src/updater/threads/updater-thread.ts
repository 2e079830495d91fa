import { platform } from 'node:process';
import { Piscina } from 'piscina';
import { outcomeValue, type Outcome } from '../../errors.ts';
import type { UpdateOptions } from '../updater.ts';
import type { UpdateResult } from '../update-result.ts';
import type { UpdateTask } from './update-task.ts';

export type UpdaterThreadOptions = Pick<UpdateTask, 'database' | 'version' | 'settings'>;

export type UpdaterThread = {
  /** Updates a feed like `Updater`, without progress reports. */
  readonly update: (feed: string, options?: Pick<UpdateOptions, 'signal'>) => Promise<UpdateResult>;
  /** Waits a short time for running updates, then ends the thread, which rolls them back. */
  readonly close: () => Promise<void>;
};

/** The thread stays for further updates; it needs about 20 MB. */
const IDLE_MILLISECONDS = 30_000;

/** The maximum time that aborted updates may run before the thread is ended. */
const CLOSE_MS = 2000;

/**
 * On Linux, the thread gets a third of the processor time that a thread of the server gets, when both compete for one.
 * A lower share would extend the time for which an update locks out other writers.
 */
const NICENESS = 5;

/** Updates wait for downloads and transactions, not for the thread; the schedule runs fewer updates at once. */
const UPDATES_AT_A_TIME = 8;

/**
 * Updates feeds in one thread with its own database connections, so that the calling thread stays responsive: parsing
 * and writing a feed takes seconds, and SQLite blocks the thread until a statement ends.
 */
export function createUpdaterThread(options: UpdaterThreadOptions): UpdaterThread {
  const pool = new Piscina<UpdateTask, Outcome<UpdateResult>>({
    filename: threadFile(),
    // Otherwise, each thread would load the module loaders and profilers of the process again.
    execArgv: [],
    name: 'updateInThread',
    minThreads: 0,
    maxThreads: 1,
    concurrentTasksPerWorker: UPDATES_AT_A_TIME,
    idleTimeout: IDLE_MILLISECONDS,
    closeTimeout: CLOSE_MS,
    // The thread must run other updates while it waits for a task.
    atomics: 'disabled',
    // Elsewhere, the system call applies to the whole process.
    niceIncrement: platform === 'linux' ? NICENESS : 0,
  });
  // The pool emits this event after the close timeout, or for an error of the thread outside updates. An error during
  // an update rejects the promise of the update.
  pool.on('error', () => undefined);
  return {
    async update(feed, { signal } = {}) {
      signal?.throwIfAborted();
      // The pool's own signal would end the thread before the update has cleaned up.
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

/** Returns the compiled file, or its loader when Clair runs from sources. */
function threadFile(): string {
  const name = import.meta.url.endsWith('.ts') ? 'source-thread.mjs' : 'update-task.js';
  return new URL(name, import.meta.url).href;
}
