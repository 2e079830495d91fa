import type { Console } from '../console.ts';
import { printable } from '../../model/printable.ts';

/** Shows how far work has come: on a terminal one line that is written again and again, elsewhere a line now and then. */
export type ProgressLine = {
  /** Says how far the work of that name has come. */
  readonly set: (name: string, text: string) => void;
  /** Takes it off, and clears the line, so that something else can be written. */
  readonly done: (name: string) => void;
};

/** How often the line of a terminal is written, and how often a line elsewhere; in milliseconds. */
export const REFRESH_MS = 200;
const LINE_EVERY_MS = 30_000;

/**
 * Opens an empty line; `now` is the current time in milliseconds. How wide the terminal is it looks up each time: it may be made
 * narrower meanwhile.
 */
export function createProgressLine(console: Pick<Console, 'err' | 'columns'>, now: () => number): ProgressLine {
  const running = new Map<string, string>();
  let last = now();
  /** How many characters of a terminal are to be cleared. */
  let shown = 0;

  function clear(): void {
    if (shown === 0) return;
    // A line that was written on a wider terminal may take several now.
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
      // One column stays free: a full line would make some terminals start another one.
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

/** Of ECMA-48: back to the first column and erase the line (EL); one line up (CUU). */
const CLEAR = '\r\u001B[K';
const UP = '\u001B[A';
