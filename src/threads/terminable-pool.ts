import type { Transferable } from 'node:worker_threads';
import pLimit from 'p-limit';
import { type Outcome, outcomeValue } from '../errors.ts';
import { poolOnDemand } from './pool-on-demand.ts';

export type TerminablePoolOptions = {
  /** The module that the threads load. */
  readonly file: string;
  /** The function in the module that runs a task. */
  readonly name: string;
  /** The start data of each thread. */
  readonly workerData: object;
  /** The maximum number of concurrent tasks. Each task has its own thread. */
  readonly threads: number;
  /** The maximum size of the heap of a thread. */
  readonly maxHeapMegabytes: number;
  /** The maximum duration of a task. */
  readonly maxMilliseconds: number;
  /** The time after which idle threads end; 30 seconds by default. */
  readonly idleMilliseconds?: number;
};

/** A pool of threads whose tasks can be terminated at any time. */
export type TerminablePool<Task, Result> = {
  /**
   * Runs a task as soon as a thread is free.
   *
   * @throws the abort reason of the signal, ThreadExhausted, or the errors of the task
   */
  readonly run: (task: Task, options?: RunOptions) => Promise<Result>;
  readonly close: () => Promise<void>;
};

export type RunOptions = {
  readonly signal?: AbortSignal | undefined;
  readonly transferList?: readonly Transferable[];
};

/** The error of a task that exceeded its time or memory limit; the thread of the task was terminated. */
export class ThreadExhausted extends Error {
  override readonly name = 'ThreadExhausted';
  readonly of: 'memory' | 'time';

  constructor(of: 'memory' | 'time', options?: { cause?: unknown }) {
    super(`the task exceeded its ${of} limit`, options);
    this.of = of;
  }
}

/**
 * The default time after which idle threads end. Starting a thread takes about 50 ms; an idle thread takes about 20 MB.
 */
const IDLE_MILLISECONDS = 30_000;

/**
 * Creates a pool. The threads start with the first tasks. A thread runs a single task at a time, so that terminating
 * the thread cancels only this task, even inside a loop or a query.
 */
export function createTerminablePool<Task, Result>(options: TerminablePoolOptions): TerminablePool<Task, Result> {
  const { file, name, workerData, threads, maxHeapMegabytes, maxMilliseconds } = options;
  const { idleMilliseconds = IDLE_MILLISECONDS } = options;
  const pool = poolOnDemand<Task, Outcome<Result>>(
    {
      filename: file,
      // Threads must not inherit the flags of the process, such as loaders or profilers.
      execArgv: [],
      name,
      workerData,
      minThreads: 0,
      maxThreads: threads,
      idleTimeout: idleMilliseconds,
      // Waiting with `Atomics` would block an idle thread and thus the timers of its database connections.
      atomics: 'disabled',
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMegabytes },
    },
    // Errors are ignored here, because the caller of the task receives them.
    () => undefined,
  );
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

/** Returns a promise that is rejected as soon as the signal aborts, even if the task is still queued. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await work;
  return await new Promise<T>((resolve, reject) => {
    const giveUp = (): void => reject(signal.reason);
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp);
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}
