import type { UpdateProgress } from '../updater/update-progress.ts';
import type { Console } from './console.ts';

/** Shows how far updates have come: on a terminal one line that is written again and again, elsewhere a line now and then. */
export type ProgressLine = {
  readonly set: (source: string, progress: UpdateProgress) => void;
  /** Takes a source off, and clears the line, so that something else can be written. */
  readonly done: (source: string) => void;
};

/** How often the line of a terminal is written, and how often a line elsewhere; in milliseconds. */
const REFRESH_MS = 200;
const LINE_EVERY_MS = 30_000;

/** Opens an empty line; `now` is the current time in milliseconds. */
export function createProgressLine(
  { err, columns }: Pick<Console, 'err' | 'columns'>,
  now: () => number,
): ProgressLine {
  const running = new Map<string, UpdateProgress>();
  const interval = columns === undefined ? LINE_EVERY_MS : REFRESH_MS;
  let last = now();
  let isShown = false;

  function clear(): void {
    if (isShown) err('\r\u001b[K');
    isShown = false;
  }

  return {
    set(source, progress) {
      running.set(source, progress);
      if (now() - last < interval) return;
      last = now();
      const text = [...running].map(([name, each]) => `${name}: ${describe(each)}`).join(' | ');
      clear();
      // One column stays free: a full line would make some terminals start another one.
      err(columns === undefined ? `${text}\n` : text.slice(0, columns - 1));
      isShown = columns !== undefined;
    },
    done(source) {
      running.delete(source);
      clear();
    },
  };
}

function describe({ phase, bytes, records }: UpdateProgress): string {
  const size = bytes === 0 ? '' : `${(bytes / 1e6).toFixed(1)} MB, `;
  return `${phase}, ${size}${records} records`;
}
