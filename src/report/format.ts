import type { IncludedClass } from '../model/report/finding-class.ts';
import type { Report } from '../model/report/report.ts';

export type Format = FormatWriter & {
  /** Returns the pieces of `write` or `writeAll` as a single text. */
  readonly render: (report: Report, look?: Look) => string;
  readonly renderAll: (reports: readonly Report[], look?: Look) => string;
};

/**
 * Writes reports in pieces, because the text of hundreds of thousands of findings can exceed the maximum length of a
 * string.
 */
export type FormatWriter = {
  /** The value of `--format`; the source file has the same name. */
  readonly id: string;
  readonly mediaType: string;
  readonly write: (report: Report, look?: Look) => Iterable<string>;
  /**
   * Returns the reason why the format cannot express these reports, or undefined if the format can express them. Absent
   * if the format can express all reports.
   */
  readonly whyNone?: (reports: readonly Report[]) => string | undefined;
  /** Writes the reports of a run over several platforms as a single document, even if the run has only one report. */
  readonly writeAll: (reports: readonly Report[], look?: Look) => Iterable<string>;
};

/**
 * The presentation options of the human-readable formats, and the context of a run; other formats ignore the
 * presentation options.
 */
export type Look = {
  /** The width of the terminal, in columns; absent outside a terminal. */
  readonly columns?: number;
  readonly colors?: boolean;
  /** Whether findings are grouped by layer (the default) or listed together in the order of the report. */
  readonly grouping?: 'layer' | 'none';
  /**
   * Whether each finding has its own row. By default, packages with the same source package share a row per
   * vulnerability.
   */
  readonly isExpanded?: boolean;
  /** The classes of findings to list although lists exclude these classes by default; none when absent. */
  readonly include?: readonly IncludedClass[];
  /**
   * The image of the default branch in a GitLab pipeline; GitLab uses this image to track the findings of all images of
   * a project.
   */
  readonly defaultBranchImage?: string;
  /**
   * Receives a sentence about each part that a document omits because of the limits of the programs that read the
   * document.
   */
  readonly remark?: (text: string) => void;
};

/** Creates a format whose reports can also be rendered as one text. */
export function createFormat(writer: FormatWriter): Format {
  return {
    ...writer,
    render: (report, look) => [...writer.write(report, look)].join(''),
    renderAll: (reports, look) => [...writer.writeAll(reports, look)].join(''),
  };
}
