import type { Piscina } from 'piscina';

/** The options of a pool of threads; see the documentation of Piscina. */
export type PoolOptions = NonNullable<ConstructorParameters<typeof Piscina>[0]>;

/** The result of a task whose type the caller states. */
type UncheckedResult = Awaited<ReturnType<Piscina['run']>>;

/** A pool of threads that is created with its first task. */
export type PoolOnDemand<Task, Result = UncheckedResult> = {
  /** Runs a task like `Piscina.run`. After Piscina failed to load, the next task loads it again. */
  readonly run: Piscina<Task, Result>['run'];
  /** Terminates the threads; their tasks are rejected. Succeeds even if Piscina failed to load. */
  readonly destroy: () => Promise<void>;
};

/**
 * Returns a pool that loads Piscina with the first task, because most commands need no threads, and loading Piscina
 * takes longer than printing their help.
 *
 * @param failed receives the errors of threads outside of tasks; without this function, such an error ends the process
 * @param load loads Piscina
 */
export function poolOnDemand<Task, Result = UncheckedResult>(
  options: PoolOptions,
  failed?: (error: Error) => void,
  load: () => Promise<{ readonly Piscina: typeof Piscina }> = async () => await import('piscina'),
): PoolOnDemand<Task, Result> {
  let opening: Promise<Piscina<Task, Result>> | undefined;

  async function open(): Promise<Piscina<Task, Result>> {
    const { Piscina: Pool } = await load();
    const pool = new Pool<Task, Result>(options);
    if (failed !== undefined) pool.on('error', failed);
    return pool;
  }

  return {
    async run(task, runOptions) {
      opening ??= open().catch((error: unknown) => {
        opening = undefined;
        throw error;
      });
      return await (await opening).run(task, runOptions);
    },
    async destroy() {
      // The tasks receive the error of a failed load, and the caller may have more to close.
      const pool = await opening?.catch(() => undefined);
      await pool?.destroy();
    },
  };
}
