import type { IncludedClass } from '../model/report/finding-class.ts';
import type { Report } from '../model/report/report.ts';

/** One output format of the report of an image. */
export type Format = FormatWriter & {
  /** The pieces of `write` and of `writeAll` as one text. */
  readonly render: (report: Report, look?: Look) => string;
  readonly renderAll: (reports: readonly Report[], look?: Look) => string;
};

/** How a format writes: in pieces, since a text of several 100,000 findings is longer than a string may be. */
export type FormatWriter = {
  /** What `--format` names it; equal to the name of its file. */
  readonly id: string;
  readonly mediaType: string;
  readonly write: (report: Report, look?: Look) => Iterable<string>;
  /** Returns why the format has no document for these reports; undefined where it has one. Every report has one when absent. */
  readonly whyNone?: (reports: readonly Report[]) => string | undefined;
  /** Several reports of one run as one text; also for a run that was asked for several and gave one. */
  readonly writeAll: (reports: readonly Report[], look?: Look) => Iterable<string>;
};

/** How a report is to look where people read it; other formats pass it over. Plain, as in a pipe, when absent. */
export type Look = {
  /** The width of the terminal, in columns; absent where it is none. */
  readonly columns?: number;
  readonly colors?: boolean;
  /** Whether findings stand by layer, which they do when absent, or all in one list, in the order of the report. */
  readonly grouping?: 'layer' | 'none';
  /** The classes of findings that are listed like those in other packages; none when absent. */
  readonly include?: readonly IncludedClass[];
};

/** Makes a format of how it writes. */
export function createFormat(writer: FormatWriter): Format {
  return {
    ...writer,
    render: (report, look) => [...writer.write(report, look)].join(''),
    renderAll: (reports, look) => [...writer.writeAll(reports, look)].join(''),
  };
}
