import type { Look } from '../report/format.ts';

/** The input, output and stop signal of a command. Tests pass their own console. */
export type Console = {
  /** Writes results. */
  readonly out: (text: string) => void;
  /** Waits until the reader has read the written results; absent if the reader is never slow. */
  readonly drained?: () => Promise<void>;
  /** Writes progress and errors. */
  readonly err: (text: string) => void;
  /** The current width of the terminal that receives errors, in columns; undefined outside a terminal. */
  readonly columns?: number | undefined;
  /** Standard input; absent if the process has no standard input. */
  readonly input?: {
    readonly bytes: AsyncIterable<Uint8Array>;
    /** Whether the input is an interactive terminal. */
    readonly isTerminal: boolean;
    /** Closes the input, because an open input keeps the process alive. */
    readonly close: () => void;
  };
  /** The presentation of results; plain when absent. */
  readonly look?: Pick<Look, 'columns' | 'colors' | 'defaultBranchImage'>;
  /** A signal that aborts when the user stops the command. */
  readonly signal: AbortSignal;
  /**
   * Runs work; during the work, a signal ends the process immediately, even while the work blocks the event loop. The
   * first process of a container is an exception. Absent if the console receives no signals.
   */
  readonly interruptible?: <Result>(work: () => Promise<Result>) => Promise<Result>;
  /** Lowers the priority of the process until its end; absent if other work shares the process. */
  readonly lowerPriority?: (niceness: number) => void;
  /** Makes V8 optimize code later until the end of the process; absent if other work shares the process. */
  readonly optimizeLater?: () => void;
};

/** Runs work with {@link Console.interruptible} if the console has this function, otherwise directly. */
export async function interruptible<Result>(
  { interruptible: run }: Pick<Console, 'interruptible'>,
  work: () => Promise<Result>,
): Promise<Result> {
  return run === undefined ? await work() : await run(work);
}
