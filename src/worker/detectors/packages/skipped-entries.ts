import type { Diagnostic, DiagnosticCode } from '../../../model/report/diagnostic.ts';

/** The number of a line or an entry, or what counts it. */
export type LineNumber = number | (() => number);

/** Counts the entries of one file that cannot be read, so that their number bounds no report. */
export type SkippedEntries = {
  /**
   * Counts an entry. `why` is one of a few fixed texts; `line` is its first line or its number in the file, from 1, or returns
   * that: it is called for the first entry of each reason.
   */
  readonly add: (why: string, line: LineNumber) => void;
  /** Returns a diagnostic for each reason, with the first of its entries. */
  readonly diagnostics: () => readonly Diagnostic[];
};

/** Starts without entries, for the file at `path`. */
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
