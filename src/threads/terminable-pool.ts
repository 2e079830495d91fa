import type { Transferable } from 'node:worker_threads';
import pLimit from 'p-limit';
import { Piscina } from 'piscina';
import { type Outcome, outcomeValue } from '../errors.ts';

export type TerminablePoolOptions = {
  /** The module that the threads load, and the function in the module that runs a task. */
  readonly file: string;
  readonly name: string;
  /** The start data of each thread. */
  readonly workerData: object;
  /** Maximum number of concurrent tasks; each has its own thread. */
  readonly threads: number;
  /** Heap limit of a thread. */
  readonly maxHeapMegabytes: number;
  /** Time limit of a task. */
  readonly maxMilliseconds: number;
  /** Idle threads end after this time; 30 seconds by default. */
  readonly idleMilliseconds?: number;
};

/** Threads whose tasks can be terminated at any time. */
export type TerminablePool<Task, Result> = {
  /**
   * Runs a task as soon as a thread is free.
   *
   * @throws the abort reason of the signal; ThreadExhausted; the errors of the task
   */
  readonly run: (task: Task, options?: RunOptions) => Promise<Result>;
  readonly close: () => Promise<void>;
};

export type RunOptions = {
  readonly signal?: AbortSignal | undefined;
  readonly transferList?: readonly Transferable[];
};

/** A task exceeded the time or memory limit; its thread was terminated. */
export class ThreadExhausted extends Error {
  override readonly name = 'ThreadExhausted';
  readonly of: 'memory' | 'time';

  constructor(of: 'memory' | 'time', options?: { cause?: unknown }) {
    super(`the task exceeded its ${of} limit`, options);
    this.of = of;
  }
}

/** Starting a thread takes about 50 ms; an idle thread takes about 20 MB. */
const IDLE_MILLISECONDS = 30_000;

/**
 * Creates a pool; threads start with the first tasks. Each task has its thread to itself, so that terminating the
 * thread cancels the task, even inside a loop or a query.
 */
export function createTerminablePool<Task, Result>(options: TerminablePoolOptions): TerminablePool<Task, Result> {
  const { file, name, workerData, threads, maxHeapMegabytes, maxMilliseconds } = options;
  const { idleMilliseconds = IDLE_MILLISECONDS } = options;
  const pool = new Piscina<Task, Outcome<Result>>({
    filename: file,
    // Threads must not inherit flags of the process, such as loaders or profilers.
    execArgv: [],
    name,
    workerData,
    minThreads: 0,
    maxThreads: threads,
    idleTimeout: idleMilliseconds,
    // Waiting with Atomics would block an idle thread, and with it the timers of its database connections.
    atomics: 'disabled',
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMegabytes },
  });
  // Errors go to the caller of the task.
  pool.on('error', () => undefined);
  const whenFree = pLimit(threads);

  async function runNow(task: Task, { signal, transferList = [] }: RunOptions): Promise<Result> {
    signal?.throwIfAborted();
    const timeout = AbortSignal.timeout(maxMilliseconds);
    const stop = signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
    try {
      return outcomeValue(await pool.run(task, { transferList: [...transferList], signal: stop }));
    } catch (error) {
      signal?.throwIfAborted();
      if (timeout.aborted) throw new ThreadExhausted('time', { cause: error });
      const isMemory = error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      throw isMemory ? new ThreadExhausted('memory', { cause: error }) : error;
    }
  }

  return {
    run: async (task, runOptions = {}) =>
      await unlessAborted(
        whenFree(async () => await runNow(task, runOptions)),
        runOptions.signal,
      ),
    close: async () => await pool.destroy(),
  };
}

/** Rejects as soon as the signal aborts, even while the task is still queued. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await work;
  return await new Promise<T>((resolve, reject) => {
    const giveUp = (): void => reject(signal.reason);
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp);
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}
