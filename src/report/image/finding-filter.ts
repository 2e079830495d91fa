import { isCodeAbsent } from '../../model/report/finding-reachability.ts';
import type { Report, ReportFinding } from '../../model/report/report.ts';
import { type PackageKind, packageKindOf } from '../../model/package-kind.ts';
import type { Severity } from '../../model/severity.ts';
import { countOf } from '../../model/counted-noun.ts';
import { severityWords } from '../writing/finding-words.ts';

/** The findings that a report shows. If no field is set, the report shows all findings. */
export type FindingFilter = {
  readonly severities?: readonly Severity[];
  /** Whether to show only findings that an upgrade fixes. */
  readonly onlyFixed?: boolean;
  /** The kinds of packages whose findings to show. */
  readonly kinds?: readonly PackageKind[];
  /**
   * Whether to hide Go findings whose vulnerable code is not in the programs; findings of unknown reachability remain.
   */
  readonly onlyReachable?: boolean;
};

/** Returns whether the filter shows a finding. */
export function isShown(
  { severity, status, type, reachability }: Pick<ReportFinding, 'severity' | 'status' | 'type' | 'reachability'>,
  { severities, onlyFixed = false, kinds, onlyReachable = false }: FindingFilter,
): boolean {
  return (
    (severities === undefined || severities.includes(severity)) &&
    (!onlyFixed || status === 'fixed') &&
    (kinds === undefined || kinds.includes(packageKindOf({ type }))) &&
    (!onlyReachable || !isCodeAbsent({ reachability }))
  );
}

/**
 * Returns the report with the findings that the filter shows. `counts` still includes all findings, and the diagnostic
 * `findings-hidden` states the number of hidden findings, so that no format presents the shown findings as complete.
 */
export function filteredReport(report: Report, filter: FindingFilter): Report {
  const hidden = report.findings.filter((finding) => !isShown(finding, filter));
  if (hidden.length === 0) return report;
  const diagnostic = {
    code: 'findings-hidden',
    message: `The filter hides ${countOf(hidden.length, 'finding')}: ${severityWords(hidden)}`,
    where: filterText(filter),
    incomplete: false,
  } as const;
  return {
    ...report,
    findings: report.findings.filter((finding) => isShown(finding, filter)),
    diagnostics: [...report.diagnostics, diagnostic],
  };
}

/** Returns the options that set a filter, such as `--severity high,critical --only-fixed --type os`. */
function filterText({ severities, onlyFixed = false, kinds, onlyReachable = false }: FindingFilter): string {
  return [
    ...(severities === undefined ? [] : [`--severity ${severities.join(',').toLowerCase()}`]),
    ...(onlyFixed ? ['--only-fixed'] : []),
    ...(onlyReachable ? ['--reachable'] : []),
    ...(kinds === undefined ? [] : [`--type ${kinds.join(',')}`]),
  ].join(' ');
}
