import type { Look } from '../report/format.ts';

/** Where a command writes and how it is told to stop; passed in, so that commands can be run in tests. */
export type Console = {
  /** Results. */
  readonly out: (text: string) => void;
  /** Waits until results that were written are taken by whoever reads them; absent where nobody is slow. */
  readonly drained?: () => Promise<void>;
  /** Progress and errors. */
  readonly err: (text: string) => void;
  /** The width of the terminal that errors go to, as it is now; undefined when they go anywhere else. */
  readonly columns?: number | undefined;
  /** What comes in; absent where nothing can. */
  readonly input?: {
    readonly bytes: AsyncIterable<Uint8Array>;
    /** Whether somebody sits there who types. */
    readonly isTerminal: boolean;
    /** Lets go of it: a process that waits for more does not end. */
    readonly close: () => void;
  };
  /** How results are to look; plain when absent. */
  readonly look?: Pick<Look, 'columns' | 'colors'>;
  /** Aborted when the user wants to stop. */
  readonly signal: AbortSignal;
  /**
   * Runs work that leaves nothing half done. Meanwhile a signal ends the process at once, also while the work occupies the
   * event loop and `signal` could not be aborted. Absent where no signals arrive.
   */
  readonly endableAtOnce?: <Result>(work: () => Promise<Result>) => Promise<Result>;
};

/** Runs work as {@link Console.endableAtOnce} says. */
export async function endableAtOnce<Result>(
  { endableAtOnce: run }: Pick<Console, 'endableAtOnce'>,
  work: () => Promise<Result>,
): Promise<Result> {
  return run === undefined ? await work() : await run(work);
}
