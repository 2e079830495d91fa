import type { Command } from 'commander';
import type { DiagnosticCode } from '../../model/report/diagnostic.ts';
import type { Report } from '../../model/report/report.ts';

/** The conditions that the user accepts, so that they do not make a report incomplete. */
export type AcceptOptions = {
  /** The release of the image is past its end of life. */
  readonly allowEol: boolean;
  /**
   * The image has neither a distribution nor packages, for example an image `FROM scratch` with a single static
   * program.
   */
  readonly allowNoDistribution: boolean;
};

/** Adds the options of every command whose exit status states whether the report is complete. */
export function addAcceptOptions(command: Command): Command {
  return command
    .option('--allow-eol', 'Do not exit 3 only because the release is past its end of life', false)
    .option('--allow-no-distribution', 'Do not exit 3 only because distribution and packages are missing', false);
}

/** Returns the report in which accepted diagnostics are still listed, but no longer make the report incomplete. */
export function judgedReport(report: Report, options: AcceptOptions): Report {
  const accepted = acceptedCodes(report, options);
  if (accepted.size === 0) return report;
  const diagnostics = report.diagnostics.map((diagnostic) =>
    accepted.has(diagnostic.code) ? { ...diagnostic, incomplete: false } : diagnostic,
  );
  return { ...report, diagnostics };
}

function acceptedCodes({ diagnostics }: Report, options: AcceptOptions): ReadonlySet<DiagnosticCode> {
  const has = (code: DiagnosticCode): boolean => diagnostics.some((diagnostic) => diagnostic.code === code);
  // If the image has packages, the report lists them without matching them, so the report remains incomplete.
  const isWithout = NO_DISTRIBUTION.every(has);
  return new Set([
    ...(options.allowEol ? (['release-end-of-life'] as const) : []),
    ...(options.allowNoDistribution && isWithout ? NO_DISTRIBUTION : []),
  ]);
}

/** The diagnostics of an image without a distribution and without packages. */
const NO_DISTRIBUTION = ['distribution-unknown', 'package-database-missing'] as const;
