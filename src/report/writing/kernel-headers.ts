import { isInKernelHeaders } from '../../model/report/finding-class.ts';
import type { Report, ReportFinding } from '../../model/report/report.ts';
import type { Look } from '../format.ts';
import { countOf } from '../../model/counted-noun.ts';
import { severityWords } from './finding-words.ts';

/** A report whose findings in kernel headers are folded into a single line. */
export type FoldedReport = {
  /** The report without the folded findings. */
  readonly report: Report;
  /** The line about the folded findings; empty if no finding is folded. */
  readonly line: string;
};

/** Returns whether lists and gates omit a finding because it is in kernel headers. */
export function isFolded(finding: Pick<ReportFinding, 'class'>, { include = [] }: Pick<Look, 'include'> = {}): boolean {
  return isInKernelHeaders(finding) && !include.includes('kernel-headers');
}

/** The maximum number of packages that the line names. */
const MAX_NAMED = 3;

/**
 * Folds the findings in kernel headers into a single line (docs/reference/report.md), unless the options include them.
 */
export function withFoldedHeaders(report: Report, look?: Pick<Look, 'include'>): FoldedReport {
  const headers = report.findings.filter((each) => isFolded(each, look));
  if (headers.length === 0) return { report, line: '' };
  const names = [...new Set(headers.map(({ package: name }) => name))];
  const more = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : '';
  const found = `${countOf(headers.length, 'finding')} (${severityWords(headers)})`;
  const line = `Kernel headers: ${found} in ${names.slice(0, MAX_NAMED).join(', ')}${more}, ignored by --fail-on; --include kernel-headers lists them`;
  return {
    report: { ...report, findings: report.findings.filter((each) => !isInKernelHeaders(each)) },
    line,
  };
}
