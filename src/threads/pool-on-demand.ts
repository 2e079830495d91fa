import type { Piscina } from 'piscina';

/** The options of a pool of threads; see the documentation of Piscina. */
export type PoolOptions = NonNullable<ConstructorParameters<typeof Piscina>[0]>;

/** The result of a task whose type the caller states. */
type UncheckedResult = Awaited<ReturnType<Piscina['run']>>;

/** A pool of threads that is created with its first task. */
export type PoolOnDemand<Task, Result = UncheckedResult> = {
  /** Runs a task like `Piscina.run`. */
  readonly run: Piscina<Task, Result>['run'];
  /** Waits for running tasks until `closeTimeout`, then terminates their threads. */
  readonly close: () => Promise<void>;
  /** Terminates the threads; their tasks are rejected. */
  readonly destroy: () => Promise<void>;
};

/**
 * Returns a pool that loads Piscina with the first task, because most commands need no threads, and loading Piscina
 * takes longer than printing their help.
 *
 * @param failed receives the errors of threads outside of tasks; without this function, such an error ends the process
 */
export function poolOnDemand<Task, Result = UncheckedResult>(
  options: PoolOptions,
  failed?: (error: Error) => void,
): PoolOnDemand<Task, Result> {
  let opening: Promise<Piscina<Task, Result>> | undefined;

  async function open(): Promise<Piscina<Task, Result>> {
    const { Piscina: Pool } = await import('piscina');
    const pool = new Pool<Task, Result>(options);
    if (failed !== undefined) pool.on('error', failed);
    return pool;
  }

  return {
    async run(task, runOptions) {
      opening ??= open();
      return await (await opening).run(task, runOptions);
    },
    close: async () => await (await opening)?.close(),
    destroy: async () => await (await opening)?.destroy(),
  };
}
