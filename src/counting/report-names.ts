import type { FoundName } from '../database/contracts/found-names.ts';
import { isExploited } from '../model/report/exploited-finding.ts';
import type { Report, ReportFinding } from '../model/report/report.ts';
import { severityRank } from '../model/severity.ts';
import { foundNames } from '../suppression/package-pattern.ts';

/**
 * Returns the distinct names under which a search finds a report: the IDs, aliases and CVEs of the vulnerabilities, and
 * the names of the packages. The result includes the names of suppressed findings, because the names in an ignore rule
 * select the images whose counts become outdated when the rule ends.
 */
export function namesOfReport({ findings, suppressed }: Pick<Report, 'findings' | 'suppressed'>): readonly FoundName[] {
  const names = new Map<string, FoundName>();
  const add = (name: FoundName): void => {
    const key = `${name.kind} ${name.name.toUpperCase()}`;
    names.set(key, both(names.get(key), name));
  };
  for (const finding of findings) for (const name of namesOf(finding, true)) add(name);
  for (const finding of suppressed) for (const name of namesOf(finding, false)) add(name);
  return [...names.values()];
}

function namesOf(finding: ReportFinding, isOpen: boolean): readonly FoundName[] {
  const { id, aliases, cves, severity } = finding;
  const shared = { isOpen, isExploited: isOpen && isExploited(finding), severity: isOpen ? severity : 'Unknown' };
  const others = [...aliases, ...cves.map((cve) => cve.id)].filter((name) => name !== id);
  return [
    { kind: 'vulnerability', name: id, isId: isOpen, ...shared },
    ...others.map((name) => ({ kind: 'vulnerability' as const, name, isId: false, ...shared })),
    ...[...foundNames(finding)].map((name) => ({ kind: 'package' as const, name, isId: false, ...shared })),
  ];
}

function both(one: FoundName | undefined, other: FoundName): FoundName {
  if (one === undefined) return other;
  return {
    ...one,
    // A name that is the ID of a finding is spelled as in the feed.
    name: other.isId && !one.isId ? other.name : one.name,
    isOpen: one.isOpen || other.isOpen,
    isId: one.isId || other.isId,
    isExploited: one.isExploited || other.isExploited,
    severity: severityRank(other.severity) > severityRank(one.severity) ? other.severity : one.severity,
  };
}
