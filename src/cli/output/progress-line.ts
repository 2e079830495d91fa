import type { Console } from '../console.ts';
import { printable } from '../../model/printable.ts';

/** Shows progress. On a terminal, each update replaces the line; elsewhere, updates write a new line at intervals. */
export type ProgressLine = {
  /** Sets the progress text of the task with this name. */
  readonly set: (name: string, text: string) => void;
  /** Removes the task with this name and clears the line, so that other output can follow. */
  readonly done: (name: string) => void;
};

/** The interval between updates of the line on a terminal, in milliseconds. */
export const REFRESH_MS = 200;

/** The interval between lines if the output is not a terminal, in milliseconds. */
const LINE_EVERY_MS = 30_000;

/** Creates an empty progress line. @param now returns the current time in milliseconds */
export function createProgressLine(console: Pick<Console, 'err' | 'columns'>, now: () => number): ProgressLine {
  const running = new Map<string, string>();
  let last = now();
  /** The number of characters to clear on the terminal. */
  let shown = 0;

  function clear(): void {
    if (shown === 0) return;
    // After the user narrows the terminal, a line wraps over several rows.
    const above = Math.ceil(shown / Math.max(1, console.columns ?? shown)) - 1;
    console.err(`${CLEAR}${`${UP}${CLEAR}`.repeat(above)}`);
    shown = 0;
  }

  return {
    set(name, text) {
      running.set(name, text);
      const { columns } = console;
      if (now() - last < (columns === undefined ? LINE_EVERY_MS : REFRESH_MS)) return;
      last = now();
      const all = [...running].map(([each, of]) => printable(`${each}: ${of}`)).join(' | ');
      clear();
      // Some terminals wrap a full line, so the last column remains empty.
      const line = columns === undefined ? all : all.slice(0, Math.max(0, columns - 1));
      console.err(columns === undefined ? `${line}\n` : line);
      shown = columns === undefined ? 0 : line.length;
    },
    done(name) {
      running.delete(name);
      clear();
    },
  };
}

/** The control sequences of ECMA-48: return to the first column and erase the line (EL), and move up one line (CUU). */
const CLEAR = '\r\u001B[K';
const UP = '\u001B[A';
