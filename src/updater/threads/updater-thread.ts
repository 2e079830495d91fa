import { Piscina } from 'piscina';
import { outcomeValue, type Outcome } from '../../errors.ts';
import type { UpdateOptions } from '../updater.ts';
import type { UpdateResult } from '../update-result.ts';
import type { UpdateTask } from './update-task.ts';

export type UpdaterThreadOptions = Pick<UpdateTask, 'database' | 'version' | 'settings'>;

/** Updates feeds somewhere else. */
export type UpdaterThread = {
  /** As an `Updater` does; nobody is told of the progress. */
  readonly update: (feed: string, options?: Pick<UpdateOptions, 'signal'>) => Promise<UpdateResult>;
  /** Waits for updates that run, but not long: one that does not end is ended with the thread, and rolled back. */
  readonly close: () => Promise<void>;
};

/** Between the updates of several feeds the thread stays; it takes some 20 MB. */
const IDLE_MILLISECONDS = 30_000;

/** How long updates that are to stop have before the thread is ended. */
const CLOSE_MS = 2000;

/** As many as the schedule has at a time: they wait for one another's bytes and transactions, not for a thread. */
const UPDATES_AT_A_TIME = 8;

/**
 * Updates feeds in one thread, on connections of its own to the database, so that the thread that is called from
 * stays free: parsing and writing a feed takes seconds, of which SQLite gives none back before a statement is done.
 */
export function createUpdaterThread(options: UpdaterThreadOptions): UpdaterThread {
  const pool = new Piscina<UpdateTask, Outcome<UpdateResult>>({
    filename: threadFile(),
    // Flags of the process, a loader or a profiler among them, would be loaded once more by each thread.
    execArgv: [],
    name: 'updateInThread',
    minThreads: 0,
    maxThreads: 1,
    concurrentTasksPerWorker: UPDATES_AT_A_TIME,
    idleTimeout: IDLE_MILLISECONDS,
    closeTimeout: CLOSE_MS,
    // The thread has other updates to go on with while it waits for the next one.
    atomics: 'disabled',
  });
  // That the time of closing is over; what fails in an update is given to whoever asked for it.
  pool.on('error', () => undefined);
  return {
    async update(feed, { signal } = {}) {
      signal?.throwIfAborted();
      // Not the pool's own signal: that one ends the thread, and all that an update does on its way out with it.
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

/** The compiled file, or where Clair runs from its sources the one that loads the source of it. */
function threadFile(): string {
  const name = import.meta.url.endsWith('.ts') ? 'source-thread.mjs' : 'update-task.js';
  return new URL(name, import.meta.url).href;
}
