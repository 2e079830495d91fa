import type { Command } from 'commander';
import type { Report } from '../../model/report/report.ts';

/** Whether a report counts as complete although the release of its image is past its end of life. */
export type EndOfLifeOption = { readonly allowEol: boolean };

/** Adds the option of every command whose exit status states whether the report is complete. */
export function addEndOfLifeOption(command: Command): Command {
  return command.option('--allow-eol', 'Do not exit 3 only because the release is past its end of life', false);
}

/** Returns the report; with `allowEol`, the end of life of its release no longer makes it incomplete. */
export function judgedReport(report: Report, { allowEol }: EndOfLifeOption): Report {
  if (!allowEol) return report;
  const diagnostics = report.diagnostics.map((diagnostic) =>
    diagnostic.code === 'release-end-of-life' ? { ...diagnostic, incomplete: false } : diagnostic,
  );
  return { ...report, diagnostics };
}
