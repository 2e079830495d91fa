import type { Look } from '../report/format.ts';

/** Where a command writes and how it is told to stop; passed in, so that commands can be run in tests. */
export type Console = {
  /** Results. */
  readonly out: (text: string) => void;
  /** Progress and errors. */
  readonly err: (text: string) => void;
  /** The width of the terminal that errors go to; absent when they go anywhere else. */
  readonly columns?: number;
  /** How results are to look; plain when absent. */
  readonly look?: Pick<Look, 'columns' | 'colors'>;
  /** Aborted when the user wants to stop. */
  readonly signal: AbortSignal;
};
