import { isInKernelHeaders } from '../../model/report/finding-class.ts';
import { isCodeAbsent } from '../../model/report/finding-reachability.ts';
import { findingCounts } from '../../model/report/finding-counts.ts';
import type { Report, ReportLayer, ReportFeed, ReportUndecided, ReportFinding } from '../../model/report/report.ts';
import type { ReportSuppression } from '../../model/report/report.ts';
import { FILES } from '../../model/advisories/file-rule.ts';
import { isLibrary } from '../../model/package-kind.ts';
import { printable } from '../../model/printable.ts';
import { fileRemedy, fileWords } from './file-words.ts';
import { SEVERITIES, type Severity } from '../../model/severity.ts';
import { countOf, numberWords } from '../../model/counted-noun.ts';

/**
 * Returns the package and vulnerability of a finding as a sentence without a full stop, such as `curl 7.88.1 is
 * affected by CVE-2023-1`. For a finding of a file rule, the sentence states the file and its state.
 */
export function affectedWords({ id, type, package: name, version }: ReportFinding): string {
  return type === FILES
    ? `The file ${fileWords(name)} is ${version}: ${id}`
    : `${name} ${version} is affected by ${id}`;
}

/** Returns a sentence that states how to fix a finding. */
export function remedyOf(finding: ReportFinding): string {
  const { package: name, source, fixedIn, status } = finding;
  if (finding.class === 'malicious') return `Remove ${name}: the package is malicious.`;
  if (finding.type === FILES) return fileRemedy(name, finding.version);
  if (fixedIn === null) return `No fixed version is known (${status}).`;
  if (isLibrary(finding)) return libraryRemedy(finding, fixedIn);
  const of = source.name === name ? name : `${name} (source package ${source.name})`;
  if (status === 'fixed-for-subscribers')
    return `Upgrade ${of} to ${fixedIn} or later, which is available to subscribers only.`;
  if (status === 'pending') return `Upgrade ${of} to ${fixedIn} or later when it is published.`;
  return `Upgrade ${of} to ${fixedIn} or later.`;
}

/**
 * Returns the sentence that states the fix of a finding in a library. The sentence does not say "or later", because
 * libraries have several release series, so a version after `fixedIn` can be affected again.
 */
function libraryRemedy({ type, package: name, version }: ReportFinding, fixedIn: string): string {
  if (type === 'golang' && name === 'stdlib') return `Rebuild the program with Go ${fixedIn}.`;
  return `Upgrade ${name} ${version} to ${fixedIn}.`;
}

/**
 * Returns a sentence that states whether the Go programs of a finding contain the vulnerable code. For a single
 * program, the text includes the path. For findings of other ecosystems, the text is empty.
 */
export function reachabilityWords({
  reachability,
  reachabilityReason,
  paths,
}: Pick<ReportFinding, 'reachability' | 'reachabilityReason' | 'paths'>): string {
  if (reachability === null) return '';
  const [path] = paths;
  const file = paths.length === 1 && path !== undefined ? ` File: ${path}.` : '';
  return `${reachabilityReason ?? ''}${file}`;
}

/** Returns a sentence with the aliases of a vulnerability. */
export function aliasWords({ aliases }: Pick<ReportFinding, 'aliases'>): string {
  return `Also known as ${aliases.map(printable).join(', ')}.`;
}

/** Returns the index, the origin and the instruction of a layer as text. */
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

/** Returns a diagnostic as a single line. */
export function diagnosticWords({ code, message, where }: Report['diagnostics'][number]): string {
  return `${code}: ${message} (${where})`;
}

/**
 * Returns the state of a feed as text: the time of the last successful update, whether the data is stale, whether the
 * feed lists only fixed vulnerabilities, and why the last update failed.
 */
export function dataWords({ name, updatedAt, isStale, error, listsFixedOnly }: ReportFeed): string {
  const age = updatedAt === null ? 'never updated' : `updated ${updatedAt}`;
  return `${name}: ${age}${isStale ? ', stale' : ''}${listsFixedOnly ? `, ${FIXED_ONLY_WORDS}` : ''}${error === null ? '' : `, last update failed: ${error}`}`;
}

/** The remark on a feed that does not list unfixed vulnerabilities. */
export const FIXED_ONLY_WORDS = 'lists fixed vulnerabilities only';

/** Returns a text with the rule that suppresses a finding, and its justification, reason, author and expiry date. */
export function suppressionWords({ by, where, justification, reason, author, expires }: ReportSuppression): string {
  return [
    `Suppressed by ${RULES[by]} ${where}`,
    justification === null ? '' : ` as ${justification}`,
    reason === '' ? '' : `: ${clauseOf(reason)}`,
    author === null ? '' : `; by ${author}`,
    expires === null ? '' : `; until ${expires}`,
  ].join('');
}

/** Removes the full stop of a sentence, so that more text can follow. */
export function clauseOf(sentence: string): string {
  return sentence.replace(/(?<!\.)\.$/, '');
}

const RULES: Readonly<Record<ReportSuppression['by'], string>> = {
  ignore: 'the rule',
  openvex: 'the OpenVEX statement',
  csaf: 'the CSAF document',
  sbom: 'the',
  attestation: 'the',
};

/** Returns a sentence that describes an undetermined pair of vulnerability and package. */
export function undecidedWords({ id, package: name, version, reportedBy, status }: ReportUndecided): string {
  // This status can also mean that the SBOM lacks the epoch of the package.
  if (status === 'undetermined')
    return `With the data of ${reportedBy}, it is unknown whether ${id} affects ${name} ${version} (${status}).`;
  return `${reportedBy} has not decided whether ${id} affects ${name} ${version} (${status}).`;
}

/** Returns whether findings might be missing from a report. */
export function isIncomplete({ diagnostics }: Pick<Report, 'diagnostics'>): boolean {
  return diagnostics.some(({ incomplete }) => incomplete);
}

/** Returns the number of findings of each severity, without severities that do not occur, the worst severity first. */
export function severityCounts(
  findings: readonly Pick<ReportFinding, 'severity'>[],
): readonly { readonly severity: Severity; readonly count: number }[] {
  return SEVERITIES.toReversed()
    .map((severity) => ({ severity, count: findings.filter((each) => each.severity === severity).length }))
    .filter(({ count }) => count > 0);
}

/** A function that colours the text about a severity. */
type SeverityPaint = (severity: Severity, text: string) => string;

/** Returns the number of findings of each severity as text, the worst severity first, such as `2 high, 10 low`. */
export function severityWords(
  findings: readonly Pick<ReportFinding, 'severity'>[],
  paint: SeverityPaint = (_, text) => text,
): string {
  return severityCounts(findings)
    .map(({ severity, count }) => paint(severity, `${numberWords(count)} ${severity.toLowerCase()}`))
    .join(', ');
}

/**
 * Returns the counts of findings as text, such as `1,439 findings (3 critical, 1,436 unknown) of 486 CVEs in 89
 * packages`. If each finding has its own CVE, the text omits the number of CVEs.
 */
export function countWords(findings: readonly ReportFinding[], paint?: SeverityPaint): string {
  const { cves, packages, findings: count } = findingCounts(findings);
  const ofCves = cves === count ? '' : ` of ${countOf(cves, 'CVE')}`;
  return `${countOf(count, 'finding')} (${severityWords(findings, paint)})${ofCves} in ${countOf(packages, 'package')}`;
}

export const INCOMPLETE_WORDS = 'THE REPORT IS INCOMPLETE: see the diagnostics.';

/**
 * Returns the summary of a report, such as `3 findings (2 low, 1 negligible) of 2 CVEs in 2 packages; 1
 * undetermined.` The summary never presents an incomplete or filtered report as clean.
 */
export function summaryWords(
  report: Report,
  paint: { readonly severity?: SeverityPaint; readonly alarm?: (text: string) => string } = {},
): string {
  const { findings, suppressed, undecided, counts } = report;
  const inPackages = findings.filter((each) => !isInKernelHeaders(each));
  const inHeaders = findings.length - inPackages.length;
  const hidden = counts.findings - findings.length;
  const absent = findings.filter(isCodeAbsent).length;
  const { severity, alarm = (text: string): string => text } = paint;
  const clean = hidden === 0 ? 'No findings' : 'No finding matches the filter';
  const text = [
    inPackages.length === 0 ? clean : countWords(inPackages, severity),
    ...(inHeaders === 0 ? [] : [`${numberWords(inHeaders)} in kernel headers`]),
    ...(absent === 0 ? [] : [`${numberWords(absent)} whose code is not in the binary`]),
    ...(hidden === 0 ? [] : [`${numberWords(hidden)} not shown`]),
    ...(suppressed.length === 0 ? [] : [`${numberWords(suppressed.length)} suppressed`]),
    ...(undecided.count === 0 ? [] : [`${numberWords(undecided.count)} undetermined`]),
  ].join('; ');
  return isIncomplete(report) ? `${text}. ${alarm(INCOMPLETE_WORDS)}` : `${text}.`;
}
