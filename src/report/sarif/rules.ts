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

/**
 * The findings of each vulnerability, whether suppressed or not; vulnerabilities are in the order of their first
 * findings.
 */
export type FindingsByRule = ReadonlyMap<string, readonly [ReportFinding, ...ReportFinding[]]>;

/** Groups the findings of a run by the rule that their results refer to. */
export function findingsByRule({ findings, suppressed }: Report): FindingsByRule {
  return groupedBy([...findings, ...suppressed], ({ id }) => id);
}

/** Returns the rules of the vulnerabilities of a run. Iteration creates the rules one at a time. */
export function sarifRules(byRule: FindingsByRule, look?: Look): Iterable<ReportingDescriptor> {
  return {
    *[Symbol.iterator]() {
      for (const same of byRule.values()) yield ruleOf(same, look);
    },
  };
}

/**
 * The maximum lengths of a title and a description that GitHub accepts, in characters ("SARIF support for code
 * scanning").
 */
const MAX_TEXT = 1024;
const NAMED_PACKAGES = 3;

/**
 * The maximum length of the description in the help of a rule, in characters, so that a single description does not
 * fill the file.
 */
const MAX_HELP = 20_000;

/** Returns the rule of a vulnerability with these findings. */
export function ruleOf(
  findings: readonly [ReportFinding, ...ReportFinding[]],
  look: Look | undefined,
): ReportingDescriptor {
  const worst = findings.reduce((a, b) => (rankOf(b, look) > rankOf(a, look) ? b : a));
  const { id, severity, description, link } = worst;
  const aliases = [...new Set(findings.flatMap((each) => each.aliases))];
  const named = aliases.length === 0 ? [] : [aliasWords({ aliases })];
  const names = [...new Set(findings.map(({ package: name }) => printable(name)))];
  const more = names.length - NAMED_PACKAGES;
  const title = `${printable(id)} in ${names.slice(0, NAMED_PACKAGES).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  const words = shortened(printableLines(description).trim(), MAX_HELP) || title;
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

/**
 * Returns the rank of a finding. Findings in kernel headers rank lowest, so that these findings do not raise the
 * severity of an alert.
 */
function rankOf(finding: ReportFinding, look: Look | undefined): number {
  return isFolded(finding, look) ? -1 : severityRank(finding.severity);
}

/** Returns the level of a finding according to its severity. A finding in kernel headers is a note. */
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
 * Returns the number that GitHub derives a severity from (critical from 9, high from 7, medium from 4). The severity of
 * the finding determines the band, and a CVSS score determines the value within the band. The number is undefined for
 * findings without a severity and for findings in kernel headers.
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
