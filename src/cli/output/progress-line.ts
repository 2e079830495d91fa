import type { Console } from '../console.ts';
import { printable } from '../../model/printable.ts';

/** Shows progress: on a terminal one line that is rewritten, elsewhere a new line at intervals. */
export type ProgressLine = {
  /** Sets the progress of the named work. */
  readonly set: (name: string, text: string) => void;
  /** Removes the named work and clears the line, so that other output can follow. */
  readonly done: (name: string) => void;
};

/** The interval between updates of the line on a terminal, and between lines elsewhere, in milliseconds. */
export const REFRESH_MS = 200;
const LINE_EVERY_MS = 30_000;

/** Creates an empty line. @param now returns the current time in milliseconds */
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
      // A full line wraps on some terminals, so one column stays free.
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

/** ECMA-48: return to the first column and erase the line (EL); one line up (CUU). */
const CLEAR = '\r\u001B[K';
const UP = '\u001B[A';
