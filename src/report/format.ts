import type { Report } from '../model/report.ts';

/** One output format of the report of an image. */
export type Format = {
  /** What `--format` names it; equal to the name of its file. */
  readonly id: string;
  readonly mediaType: string;
  readonly render: (report: Report) => string;
};
