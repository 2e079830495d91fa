import type { Diagnostic, DiagnosticCode } from '../../../model/report/diagnostic.ts';

export type LineNumber = number | (() => number);

/** Counts the unreadable entries of one file in bounded space. */
export type SkippedEntries = {
  /**
   * Counts an entry. `why` is the reason, one of a few fixed strings; `line` is the first line of the entry or the
   * number of the entry in the file, from 1. If `line` is a function, it is called only for the first entry of each
   * reason.
   */
  readonly add: (why: string, line: LineNumber) => void;
  /** Returns one diagnostic for each reason, with the position of its first entry. */
  readonly diagnostics: () => readonly Diagnostic[];
};

/** Creates an empty count for the file at `path`. */
export function createSkippedEntries(path: string, code: DiagnosticCode): SkippedEntries {
  const reasons = new Map<string, { count: number; readonly line: number }>();
  return {
    add(why, line) {
      const known = reasons.get(why);
      if (known === undefined) reasons.set(why, { count: 1, line: typeof line === 'number' ? line : line() });
      else known.count += 1;
    },
    diagnostics: () =>
      [...reasons].map(([why, { count, line }]) => {
        const what = count === 1 ? '1 entry was' : `${count} entries were`;
        return { code, message: `${what} skipped: ${why}`, where: `${path}:${line}` };
      }),
  };
}
