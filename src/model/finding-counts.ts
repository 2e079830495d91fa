import { type FindingClass, isInKernelHeaders } from './finding-class.ts';
import type { Severity } from './severity.ts';

/** What findings come to. A finding is one vulnerability in one package, so one CVE in three packages is three findings. */
export type FindingCounts = {
  /** Different CVEs; a vulnerability that names no CVE counts as one. */
  readonly cves: number;
  /** Different packages, by package URL. */
  readonly packages: number;
  readonly findings: number;
  /** Findings with a fixed version. */
  readonly fixable: number;
};

/** The counts of a report: of all findings, and of those of each severity. */
export type ReportCounts = FindingCounts & {
  readonly severities: Readonly<Record<Severity, FindingCounts>>;
  /** Findings in kernel headers, which gates leave out unless they are asked for. */
  readonly kernelHeaders: number;
  /** Findings that nobody rates, outside of kernel headers: what a gate cannot judge. */
  readonly unrated: number;
};

/** What is counted of a finding. */
export type CountedFinding = {
  readonly id: string;
  readonly cves: readonly { readonly id: string }[];
  readonly purl: string;
  readonly severity: Severity;
  readonly class: FindingClass;
  readonly fixedIn: string | null;
};

/** Counts the findings of a report. */
export function reportCounts(findings: readonly CountedFinding[]): ReportCounts {
  const of = (severity: Severity): FindingCounts =>
    findingCounts(findings.filter((each) => each.severity === severity));
  return {
    ...findingCounts(findings),
    kernelHeaders: findings.filter(isInKernelHeaders).length,
    unrated: findings.filter((each) => each.severity === 'Unknown' && !isInKernelHeaders(each)).length,
    severities: {
      Unknown: of('Unknown'),
      Negligible: of('Negligible'),
      Low: of('Low'),
      Medium: of('Medium'),
      High: of('High'),
      Critical: of('Critical'),
      Defcon1: of('Defcon1'),
    },
  };
}

/** Counts findings, whatever their severity. */
export function findingCounts(findings: readonly CountedFinding[]): FindingCounts {
  const cves = new Set<string>();
  const packages = new Set<string>();
  let fixable = 0;
  for (const finding of findings) {
    for (const id of vulnerabilityIds(finding)) cves.add(id);
    packages.add(finding.purl);
    if (finding.fixedIn !== null) fixable += 1;
  }
  return { cves: cves.size, packages: packages.size, findings: findings.length, fixable };
}

/** Returns the CVEs of a finding, or its own identifier where it has none. */
export function vulnerabilityIds({ id, cves }: Pick<CountedFinding, 'id' | 'cves'>): readonly string[] {
  return cves.length === 0 ? [id] : cves.map((cve) => cve.id);
}
