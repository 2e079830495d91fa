import { type FindingClass, isInKernelHeaders } from './finding-class.ts';
import type { Severity } from '../severity.ts';

/**
 * The counts of findings. A finding is a vulnerability in a package, so a CVE in three packages counts as three
 * findings.
 */
export type FindingCounts = {
  /** The number of distinct CVEs; a vulnerability without a CVE counts as one CVE. */
  readonly cves: number;
  /** The number of packages with distinct package URLs. */
  readonly packages: number;
  readonly findings: number;
  /** The number of findings with a fixed version. */
  readonly fixable: number;
};

/** The counts of a report, in total and by severity. */
export type ReportCounts = FindingCounts & {
  readonly severities: Readonly<Record<Severity, FindingCounts>>;
  /** The number of findings in kernel headers, which gates exclude by default. */
  readonly kernelHeaders: number;
  /**
   * The number of findings of unknown severity, which a gate cannot evaluate; findings in kernel headers are excluded.
   */
  readonly unrated: number;
};

/** The parts of a finding that counts use. */
export type CountedFinding = {
  readonly id: string;
  readonly cves: readonly { readonly id: string }[];
  readonly purl: string;
  readonly severity: Severity;
  readonly class: FindingClass;
  readonly fixedIn: string | null;
};

/** Counts the findings of a report, in total and by severity. */
export function reportCounts(findings: Iterable<CountedFinding>): ReportCounts {
  const all = createCounter();
  const severities = {
    Unknown: createCounter(),
    Negligible: createCounter(),
    Low: createCounter(),
    Medium: createCounter(),
    High: createCounter(),
    Critical: createCounter(),
    Defcon1: createCounter(),
  } satisfies Record<Severity, Counter>;
  let kernelHeaders = 0;
  let unrated = 0;
  for (const finding of findings) {
    all.add(finding);
    severities[finding.severity].add(finding);
    if (isInKernelHeaders(finding)) kernelHeaders += 1;
    else if (finding.severity === 'Unknown') unrated += 1;
  }
  return {
    ...all.counts(),
    kernelHeaders,
    unrated,
    severities: {
      Unknown: severities.Unknown.counts(),
      Negligible: severities.Negligible.counts(),
      Low: severities.Low.counts(),
      Medium: severities.Medium.counts(),
      High: severities.High.counts(),
      Critical: severities.Critical.counts(),
      Defcon1: severities.Defcon1.counts(),
    },
  };
}

/** Counts findings of all severities. */
export function findingCounts(findings: Iterable<CountedFinding>): FindingCounts {
  const counter = createCounter();
  for (const finding of findings) counter.add(finding);
  return counter.counts();
}

type Counter = { readonly add: (finding: CountedFinding) => void; readonly counts: () => FindingCounts };

function createCounter(): Counter {
  const cves = new Set<string>();
  const packages = new Set<string>();
  let findings = 0;
  let fixable = 0;
  return {
    add({ id, cves: named, purl, fixedIn }) {
      findings += 1;
      // A vulnerability without a CVE is counted by its own identifier.
      if (named.length === 0) cves.add(id);
      for (const cve of named) cves.add(cve.id);
      packages.add(purl);
      if (fixedIn !== null) fixable += 1;
    },
    counts: () => ({ cves: cves.size, packages: packages.size, findings, fixable }),
  };
}
