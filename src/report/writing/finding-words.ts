import type { Report, ReportLayer, ReportSource, ReportUndecided, ReportVulnerability } from '../../model/report.ts';
import type { ReportSuppression } from '../../model/report.ts';
import { SEVERITIES, type Severity } from '../../model/severity.ts';

/** What to do about a finding, in a sentence. */
export function remedyOf({ package: name, source, fixedIn, status }: ReportVulnerability): string {
  if (fixedIn === null) return `There is no fixed version (${status}).`;
  const of = source.name === name ? name : `${name} (built from ${source.name})`;
  if (status === 'fixed-for-subscribers')
    return `Upgrade ${of} to ${fixedIn} or later, which only subscribers can get.`;
  if (status === 'pending') return `Upgrade ${of} to ${fixedIn} or later as soon as it is published.`;
  return `Upgrade ${of} to ${fixedIn} or later.`;
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

/** A problem in a line. */
export function problemWords({ code, message, where }: Report['problems'][number]): string {
  return `${code}: ${message} (${where})`;
}

/** What a source of data says of its age. */
export function dataWords({ name, updatedAt, isStale, error }: ReportSource): string {
  const age = updatedAt === null ? 'never updated' : `updated ${updatedAt}`;
  return `${name}: ${age}${isStale ? ', too old' : ''}${error === null ? '' : `, last attempt failed: ${error}`}`;
}

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

/** What a source does not say yet, in a sentence. */
export function undecidedWords({ id, package: name, version, reportedBy, status }: ReportUndecided): string {
  return `${reportedBy} does not say whether ${id} affects ${name} ${version} (${status}).`;
}

/** Whether findings may be missing. */
export function isIncomplete({ problems }: Pick<Report, 'problems'>): boolean {
  return problems.some(({ incomplete }) => incomplete);
}

/** How many of the findings have each severity, the worst first, without those that none has. */
export function severityCounts(
  findings: readonly Pick<ReportVulnerability, 'severity'>[],
): readonly { readonly severity: Severity; readonly count: number }[] {
  return SEVERITIES.toReversed()
    .map((severity) => ({ severity, count: findings.filter((each) => each.severity === severity).length }))
    .filter(({ count }) => count > 0);
}

/** What was found, in a line that never calls an incomplete answer clean. */
export function summaryWords(report: Report): string {
  const { vulnerabilities, suppressed, undecided } = report;
  const counts = severityCounts(vulnerabilities).map(({ severity, count }) => `${count} ${severity}`);
  return [
    vulnerabilities.length === 0
      ? 'No known vulnerability was found'
      : `${vulnerabilities.length} vulnerable packages: ${counts.join(', ')}`,
    suppressed.length === 0 ? '' : `; ${suppressed.length} suppressed`,
    undecided.count === 0 ? '' : `; ${undecided.count} undecided`,
    isIncomplete(report) ? '; THE ANSWER IS INCOMPLETE, see the problems.' : '.',
  ].join('');
}
