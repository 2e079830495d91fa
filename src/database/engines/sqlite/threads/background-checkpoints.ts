import { getBuiltinModule } from 'node:process';
import type { Worker } from 'node:worker_threads';
import type Database from 'better-sqlite3';

/**
 * Runs the checkpoints of large transactions in a separate thread. The checkpoint of 80 MB takes as long as the commit
 * itself, and both are single calls that block the calling thread.
 */
export type BackgroundCheckpoints = {
  /** Must be called at the start of a transaction. */
  readonly begin: () => BackgroundCheckpoint;
  /** Waits for the running checkpoints. */
  readonly settled: () => Promise<void>;
};

/** The checkpoint of one transaction. */
export type BackgroundCheckpoint = {
  /** Counts rows of the transaction, and starts the thread when the transaction becomes large. */
  readonly count: (rows: number) => void;
  /**
   * Commits the transaction. After a large transaction, starts the checkpoint in the thread and does not wait for it;
   * the write-ahead log holds the data. Small transactions, and transactions whose thread failed, leave the checkpoint
   * to SQLite.
   */
  readonly commit: (connection: Database.Database) => Promise<void>;
  /** Ends the thread of a transaction that was rolled back; without effect after a commit. */
  readonly end: () => Promise<void>;
};

/** The start data of the thread. `outcome` is one 32-bit integer, the state of the transaction. */
export type CheckpointTask = { readonly path: string; readonly outcome: SharedArrayBuffer };

/** The states of a transaction. */
export const UNDECIDED = 0;
export const COMMITTED = 1;
export const ROLLED_BACK = 2;

/** The number of rows from which a transaction is large. 20,000 rows of a feed take about 4 MB. */
const LARGE_ROWS = 20_000;

/** The default of SQLite, in pages of 4 KiB (sqlite.org/pragma.html#pragma_wal_autocheckpoint). */
const AUTOCHECKPOINT_PAGES = 1000;

/** Creates the checkpoints of a file. */
export function createBackgroundCheckpoints(path: string): BackgroundCheckpoints {
  const running = new Set<Promise<void>>();

  function start(): Promise<CheckpointThread | undefined> {
    const { ready, ended } = startThread(path);
    running.add(ended);
    void ended.then(() => running.delete(ended));
    return ready;
  }

  return {
    begin() {
      let rows = 0;
      let starting: Promise<CheckpointThread | undefined> | undefined;
      return {
        count(more) {
          rows += more;
          if (rows >= LARGE_ROWS) starting ??= start();
        },
        async commit(connection) {
          const thread = await starting;
          if (thread === undefined) return void connection.exec('COMMIT');
          connection.pragma('wal_autocheckpoint = 0');
          try {
            connection.exec('COMMIT');
          } finally {
            connection.pragma(`wal_autocheckpoint = ${AUTOCHECKPOINT_PAGES}`);
          }
          thread.decide(COMMITTED);
        },
        async end() {
          const thread = await starting;
          thread?.decide(ROLLED_BACK);
        },
      };
    },
    settled: async () => void (await Promise.all(running)),
  };
}

type CheckpointThread = {
  /** Sends the outcome of the transaction to the thread; later outcomes have no effect. */
  readonly decide: (outcome: typeof COMMITTED | typeof ROLLED_BACK) => void;
};

type StartedThread = {
  /** Resolves when the thread waits for the outcome; undefined if the thread failed. */
  readonly ready: Promise<CheckpointThread | undefined>;
  readonly ended: Promise<void>;
};

function startThread(path: string): StartedThread {
  const outcome = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const cell = new Int32Array(outcome);
  const workerData: CheckpointTask = { path, outcome };
  const worker = newWorker(workerData);
  if (worker === undefined) return { ready: Promise.resolve(undefined), ended: Promise.resolve() };
  // Without this listener, an error would end the process. The thread ends, and SQLite runs the checkpoint.
  worker.on('error', () => undefined);
  const ended = new Promise<void>((resolve) => {
    worker.once('exit', () => resolve());
  });
  const waits = new Promise<boolean>((resolve) => {
    worker.once('message', () => resolve(true));
    void ended.then(() => resolve(false));
  });
  const decide: CheckpointThread['decide'] = (state) => {
    Atomics.compareExchange(cell, 0, UNDECIDED, state);
    Atomics.notify(cell, 0);
  };
  return { ready: waits.then((isReady) => (isReady ? { decide } : undefined)), ended };
}

/** Returns undefined if the system permits no more threads, for example because of the limit of a container. */
function newWorker(workerData: CheckpointTask): Worker | undefined {
  try {
    // The module is loaded on demand, because most processes commit no large transaction.
    const threads = getBuiltinModule('node:worker_threads');
    // With the arguments of the process, the thread would load its module loaders and profilers again.
    return new threads.Worker(threadFile(), { workerData, execArgv: [] });
  } catch {
    return undefined;
  }
}

/** Returns the URL of the compiled thread or, if Clair runs from source, of the loader of the thread's source file. */
function threadFile(): URL {
  const name = import.meta.url.endsWith('.ts') ? 'checkpoint-source-thread.mjs' : 'checkpoint-thread.js';
  return new URL(name, import.meta.url);
}
