import type { ReportingDescriptor } from 'sarif';
import { severityOfScore } from '../../model/cvss/cvss.ts';
import type { Look } from '../format.ts';
import { isFolded } from '../writing/kernel-headers.ts';
import type { Report, ReportFinding } from '../../model/report/report.ts';
import { type Severity, severityRank } from '../../model/severity.ts';
import { aliasWords, remedyOf } from '../writing/finding-words.ts';
import { groupedBy } from '../writing/grouped.ts';
import { markdownText } from '../writing/markdown-text.ts';
import { printable, printableLines } from '../../model/printable.ts';
import { shortened } from '../writing/shortened.ts';
import { webAddress } from '../writing/web-address.ts';

/** The rules of a run: one for each vulnerability, suppressed or not, in the order of their first finding. */
export function sarifRules({ findings, suppressed }: Report, look?: Look): readonly ReportingDescriptor[] {
  return [...groupedBy([...findings, ...suppressed], ({ id }) => id).values()].map((same) => rule(same, look));
}

/** What GitHub shows of a title and a description; it refuses longer ones (its "SARIF support for code scanning"). */
const MAX_TEXT = 1024;
const NAMED_PACKAGES = 3;

function rule(findings: readonly ReportFinding[], look: Look | undefined): ReportingDescriptor {
  const worst = findings.reduce((a, b) => (rankOf(b, look) > rankOf(a, look) ? b : a));
  const { id, severity, description, link } = worst;
  const aliases = [...new Set(findings.flatMap((each) => each.aliases))];
  const named = aliases.length === 0 ? [] : [aliasWords({ aliases })];
  const names = [...new Set(findings.map(({ package: name }) => printable(name)))];
  const more = names.length - NAMED_PACKAGES;
  const title = `${printable(id)} in ${names.slice(0, NAMED_PACKAGES).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  const words = printableLines(description).trim() === '' ? title : printableLines(description).trim();
  const address = webAddress(link);
  const remedies = [...new Set(findings.map((each) => printable(remedyOf(each))))];
  const score = securitySeverity(worst, look);
  return {
    id,
    shortDescription: { text: shortened(title, MAX_TEXT) },
    fullDescription: { text: shortened(words, MAX_TEXT) },
    ...(address !== undefined && { helpUri: address }),
    help: {
      text: [words, ...named, ...remedies, ...(address === undefined ? [] : [address])].join('\n'),
      markdown: [
        markdownText(words),
        ...named.map(markdownText),
        ...remedies.map((each) => `- ${markdownText(each)}`),
        ...linkOf(id, address),
      ].join('\n\n'),
    },
    defaultConfiguration: { level: levelOf(worst, look) },
    properties: {
      tags: ['security', 'vulnerability', severity],
      precision: 'very-high',
      ...(score !== undefined && { 'security-severity': score.toFixed(1) }),
    },
  };
}

function linkOf(id: string, address: string | undefined): readonly string[] {
  return address === undefined ? [] : [`[${markdownText(id)}](<${address}>)`];
}

/** Kernel headers come after all others: what is worse in them makes no alert worse. */
function rankOf(finding: ReportFinding, look: Look | undefined): number {
  return isFolded(finding, look) ? -1 : severityRank(finding.severity);
}

/** How a finding shows among the results of all tools: by its severity, and in kernel headers as a note. */
export function levelOf(
  finding: Pick<ReportFinding, 'severity' | 'class'>,
  look: Look | undefined,
): 'error' | 'warning' | 'note' {
  if (isFolded(finding, look)) return 'note';
  const { severity } = finding;
  if (severityRank(severity) >= severityRank('High')) return 'error';
  return severity === 'Medium' ? 'warning' : 'note';
}

/**
 * The number from which GitHub makes its severity (9 critical, 7 high, 4 medium): the distribution's word decides the
 * band, as everywhere in Clair, and the CVSS score only where in it. None without a severity, and in kernel headers.
 */
function securitySeverity(finding: ReportFinding, look: Look | undefined): number | undefined {
  const { severity, cves } = finding;
  if (severity === 'Unknown' || isFolded(finding, look)) return undefined;
  if (severity === 'Defcon1') return 10;
  const scores = cves.flatMap(({ cvss = [] }) => cvss.map(({ score }) => score));
  return scores.find((score) => score > 0 && severityOfScore(score) === severity) ?? LOWEST_SCORES[severity];
}

const LOWEST_SCORES: Readonly<Record<Exclude<Severity, 'Unknown' | 'Defcon1'>, number>> = {
  Negligible: 0.1,
  Low: 2,
  Medium: 4,
  High: 7,
  Critical: 9,
};
