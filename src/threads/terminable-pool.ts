import type { Transferable } from 'node:worker_threads';
import pLimit from 'p-limit';
import { Piscina } from 'piscina';
import { type Outcome, outcomeValue } from '../errors.ts';

export type TerminablePoolOptions = {
  /** The module that the threads run, and the function of it that does a task. */
  readonly file: string;
  readonly name: string;
  /** What each thread is started with. */
  readonly workerData: object;
  /** How many tasks run at a time, each in a thread of its own. */
  readonly threads: number;
  /** What a thread may take for its objects. */
  readonly maxHeapMegabytes: number;
  /** How long a task may run. */
  readonly maxMilliseconds: number;
  /** How long a thread without work is kept: half a minute when absent. */
  readonly idleMilliseconds?: number;
};

/** Threads whose tasks can be ended at any time, whatever they do. */
export type TerminablePool<Task, Result> = {
  /**
   * Runs a task when a thread is free.
   *
   * @throws the reason of the signal; ThreadExhausted; what the task throws.
   */
  readonly run: (task: Task, options?: RunOptions) => Promise<Result>;
  readonly close: () => Promise<void>;
};

export type RunOptions = {
  readonly signal?: AbortSignal | undefined;
  readonly transferList?: readonly Transferable[];
};

/** A task took more time or memory than the pool gives; its thread is gone. */
export class ThreadExhausted extends Error {
  override readonly name = 'ThreadExhausted';
  readonly of: 'memory' | 'time';

  constructor(of: 'memory' | 'time', options?: { cause?: unknown }) {
    super(`the task took too much ${of}`, options);
    this.of = of;
  }
}

/** Starting a thread takes some 50 ms, keeping one some 20 MB. */
const IDLE_MILLISECONDS = 30_000;

/**
 * Creates a pool without threads; they start with the first tasks. A task runs alone in its thread, so that the thread can be
 * terminated when the task is no longer wanted: that works in the middle of a loop or of a query.
 */
export function createTerminablePool<Task, Result>(options: TerminablePoolOptions): TerminablePool<Task, Result> {
  const { file, name, workerData, threads, maxHeapMegabytes, maxMilliseconds } = options;
  const { idleMilliseconds = IDLE_MILLISECONDS } = options;
  const pool = new Piscina<Task, Outcome<Result>>({
    filename: file,
    // Flags of the process, a loader or a profiler among them, would be loaded once more by each thread.
    execArgv: [],
    name,
    workerData,
    minThreads: 0,
    maxThreads: threads,
    idleTimeout: idleMilliseconds,
    // A thread that waits for work must not be blocked: its connections have timers.
    atomics: 'disabled',
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMegabytes },
  });
  // What fails is thrown to the caller of the task.
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

/** A task that still waits for a thread is given up at once. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await work;
  return await new Promise<T>((resolve, reject) => {
    const giveUp = (): void => reject(signal.reason);
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp);
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}
