import { isInKernelHeaders } from '../../model/report/finding-class.ts';
import { isCveId } from '../../model/enrichment.ts';
import { findingCounts } from '../../model/report/finding-counts.ts';
import type { Report, ReportLayer, ReportFeed, ReportUndecided, ReportFinding } from '../../model/report/report.ts';
import type { ReportSuppression } from '../../model/report/report.ts';
import { printable } from '../../model/printable.ts';
import { SEVERITIES, type Severity } from '../../model/severity.ts';

/** What to do about a finding, in a sentence. */
export function remedyOf({ package: name, source, fixedIn, status }: ReportFinding): string {
  if (fixedIn === null) return `There is no fixed version (${status}).`;
  const of = source.name === name ? name : `${name} (built from ${source.name})`;
  if (status === 'fixed-for-subscribers')
    return `Upgrade ${of} to ${fixedIn} or later, which only subscribers can get.`;
  if (status === 'pending') return `Upgrade ${of} to ${fixedIn} or later as soon as it is published.`;
  return `Upgrade ${of} to ${fixedIn} or later.`;
}

/** The other names of a vulnerability, in a sentence. */
export function aliasWords({ aliases }: Pick<ReportFinding, 'aliases'>): string {
  return `Also known as ${aliases.map(printable).join(', ')}.`;
}

/** Which layer something is of, in words: its index, whether it is of the base, and the instruction that made it. */
export function layerWords({ layers }: Report, index: number): string {
  const layer = layers[index];
  if (layer === undefined) return `layer ${index}`;
  const origin = layer.origin === 'unknown' ? '' : ` (${ORIGINS[layer.origin]})`;
  return `layer ${index}${origin}${layer.createdBy === '' ? '' : `: ${layer.createdBy}`}`;
}

const ORIGINS: Readonly<Record<Exclude<ReportLayer['origin'], 'unknown'>, string>> = {
  base: 'base image',
  own: 'own instruction',
};

/** A diagnostic in a line. */
export function diagnosticWords({ code, message, where }: Report['diagnostics'][number]): string {
  return `${code}: ${message} (${where})`;
}

/** How old the data of a feed is, whether it has only fixed issues, and why the last update failed. */
export function dataWords({ name, updatedAt, isStale, error, listsFixedOnly }: ReportFeed): string {
  const age = updatedAt === null ? 'never updated' : `updated ${updatedAt}`;
  return `${name}: ${age}${isStale ? ', too old' : ''}${listsFixedOnly ? `, ${FIXED_ONLY_WORDS}` : ''}${error === null ? '' : `, last attempt failed: ${error}`}`;
}

/** What a reader must know of a feed that lists vulnerabilities only once they are fixed. */
export const FIXED_ONLY_WORDS = 'lists fixed issues only';

/** Who took a finding out, and why. */
export function suppressionWords({ by, where, justification, reason, author, expires }: ReportSuppression): string {
  return [
    `Suppressed by ${RULES[by]} ${where}`,
    justification === null ? '' : ` as ${justification}`,
    reason === '' ? '' : `: ${reason}`,
    author === null ? '' : `; by ${author}`,
    expires === null ? '' : `; until ${expires}`,
  ].join('');
}

const RULES: Readonly<Record<ReportSuppression['by'], string>> = {
  ignore: 'the rule',
  openvex: 'the OpenVEX statement',
  csaf: 'the CSAF document',
};

/** What a feed does not say yet, in a sentence. */
export function undecidedWords({ id, package: name, version, reportedBy, status }: ReportUndecided): string {
  return `${reportedBy} does not say whether ${id} affects ${name} ${version} (${status}).`;
}

/** Whether findings may be missing. */
export function isIncomplete({ diagnostics }: Pick<Report, 'diagnostics'>): boolean {
  return diagnostics.some(({ incomplete }) => incomplete);
}

/** How many of the findings have each severity, the worst first, without severities that no finding has. */
export function severityCounts(
  findings: readonly Pick<ReportFinding, 'severity'>[],
): readonly { readonly severity: Severity; readonly count: number }[] {
  return SEVERITIES.toReversed()
    .map((severity) => ({ severity, count: findings.filter((each) => each.severity === severity).length }))
    .filter(({ count }) => count > 0);
}

/** Puts a colour on the words about a severity. */
type SeverityPaint = (severity: Severity, text: string) => string;

/** Returns the number of findings of each severity, the worst first: `2 high, 10 low`. */
export function severityWords(
  findings: readonly Pick<ReportFinding, 'severity'>[],
  paint: SeverityPaint = (_, text) => text,
): string {
  return severityCounts(findings)
    .map(({ severity, count }) => paint(severity, `${numberWords(count)} ${severity.toLowerCase()}`))
    .join(', ');
}

/** Returns what findings come to: `486 CVEs in 89 packages (1,439 findings: 3 critical, 1,436 unknown)`. */
export function countWords(findings: readonly ReportFinding[], paint?: SeverityPaint): string {
  const { cves, packages, findings: count } = findingCounts(findings);
  const areCves = findings.every(({ id, cves: of }) => of.length > 0 || isCveId(id));
  const what = areCves ? countOf(cves, 'CVE') : countOf(cves, 'vulnerability', 'vulnerabilities');
  return `${what} in ${countOf(packages, 'package')} (${countOf(count, 'finding')}: ${severityWords(findings, paint)})`;
}

/** Returns a number with its noun: `1 package`, `1,439 findings`. */
export function countOf(count: number, noun: string, plural = `${noun}s`): string {
  return `${numberWords(count)} ${count === 1 ? noun : plural}`;
}

/** Returns a number with a comma between thousands. */
export function numberWords(count: number): string {
  return count.toLocaleString('en-US');
}

/** Returns the result of a report in a sentence, which never calls an incomplete answer clean. */
export function summaryWords(
  report: Report,
  paint: { readonly severity?: SeverityPaint; readonly alarm?: (text: string) => string } = {},
): string {
  const { suppressed, undecided, counts } = report;
  const vulnerabilities = report.findings.filter((each) => !isInKernelHeaders(each));
  const { severity, alarm = (text: string): string => text } = paint;
  const text = [
    vulnerabilities.length === 0 ? 'No known vulnerability was found' : countWords(vulnerabilities, severity),
    ...(counts.kernelHeaders === 0 ? [] : [`${numberWords(counts.kernelHeaders)} in kernel headers`]),
    ...(suppressed.length === 0 ? [] : [`${numberWords(suppressed.length)} suppressed`]),
    ...(undecided.count === 0 ? [] : [`${numberWords(undecided.count)} undetermined`]),
  ].join('; ');
  return isIncomplete(report) ? `${text}; ${alarm('THE ANSWER IS INCOMPLETE')}, see the diagnostics.` : `${text}.`;
}
