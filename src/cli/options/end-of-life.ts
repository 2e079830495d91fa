import type { Command } from 'commander';
import type { Report } from '../../model/report/report.ts';

/** Whether an answer counts as complete although the release of its image is out of support. */
export type EndOfLifeOption = { readonly allowEol: boolean };

/** Adds the option of every command whose exit status says whether an answer is complete. */
export function addEndOfLifeOption(command: Command): Command {
  return command.option('--allow-eol', 'do not exit 3 only because the release of the image is out of support', false);
}

/** Returns the report that is written and judged: with `allowEol`, the end of life of its release leaves it complete. */
export function judgedReport(report: Report, { allowEol }: EndOfLifeOption): Report {
  if (!allowEol) return report;
  const diagnostics = report.diagnostics.map((diagnostic) =>
    diagnostic.code === 'release-end-of-life' ? { ...diagnostic, incomplete: false } : diagnostic,
  );
  return { ...report, diagnostics };
}
