import type { Report } from '../model/report.ts';

/** One output format of the report of an image. */
export type Format = {
  /** What `--format` names it; equal to the name of its file. */
  readonly id: string;
  readonly mediaType: string;
  readonly render: (report: Report) => string;
  /** Several reports of one run as one text; also for a run that was asked for several and gave one. */
  readonly renderAll: (reports: readonly Report[]) => string;
};
