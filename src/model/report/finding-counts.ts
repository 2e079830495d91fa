import { type FindingClass, isInKernelHeaders } from './finding-class.ts';
import { SEVERITIES, type Severity, severityRank } from '../severity.ts';

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
  const counter = createCounter();
  let kernelHeaders = 0;
  let unrated = 0;
  for (const finding of findings) {
    counter.add(finding);
    if (isInKernelHeaders(finding)) kernelHeaders += 1;
    else if (finding.severity === 'Unknown') unrated += 1;
  }
  return {
    ...counter.counts(),
    kernelHeaders,
    unrated,
    severities: {
      Unknown: counter.countsOf('Unknown'),
      Negligible: counter.countsOf('Negligible'),
      Low: counter.countsOf('Low'),
      Medium: counter.countsOf('Medium'),
      High: counter.countsOf('High'),
      Critical: counter.countsOf('Critical'),
      Defcon1: counter.countsOf('Defcon1'),
    },
  };
}

/** Counts findings of all severities. */
export function findingCounts(findings: Iterable<CountedFinding>): FindingCounts {
  const counter = createCounter();
  for (const finding of findings) counter.add(finding);
  return counter.counts();
}

type Counter = {
  readonly add: (finding: CountedFinding) => void;
  readonly counts: () => FindingCounts;
  readonly countsOf: (severity: Severity) => FindingCounts;
};

/** Counts in total and by severity with one look-up per CVE and package, because a report can have many findings. */
function createCounter(): Counter {
  const cves = createOccurrences();
  const packages = createOccurrences();
  const findings = SEVERITIES.map(() => 0);
  const fixable = SEVERITIES.map(() => 0);
  let lastCves: CountedFinding['cves'] = [];
  let lastRank = -1;
  return {
    add({ id, cves: named, purl, severity, fixedIn }) {
      const rank = severityRank(severity);
      findings[rank] = (findings[rank] ?? 0) + 1;
      if (fixedIn !== null) fixable[rank] = (fixable[rank] ?? 0) + 1;
      packages.add(purl, rank);
      // A vulnerability without a CVE is counted by its own identifier.
      if (named.length === 0) cves.add(id, rank);
      // Neighbouring findings share their CVEs.
      if (named === lastCves && rank === lastRank) return;
      for (const cve of named) cves.add(cve.id, rank);
      lastCves = named;
      lastRank = rank;
    },
    counts: () => ({
      cves: cves.count(),
      packages: packages.count(),
      findings: findings.reduce((sum, each) => sum + each),
      fixable: fixable.reduce((sum, each) => sum + each),
    }),
    countsOf(severity) {
      const rank = severityRank(severity);
      return {
        cves: cves.countOf(rank),
        packages: packages.countOf(rank),
        findings: findings[rank] ?? 0,
        fixable: fixable[rank] ?? 0,
      };
    },
  };
}

/** The names that occur, with the severity ranks of each name as bits of a number. */
type Occurrences = {
  readonly add: (name: string, rank: number) => void;
  readonly count: () => number;
  readonly countOf: (rank: number) => number;
};

function createOccurrences(): Occurrences {
  const ranks = new Map<string, number>();
  const counts = SEVERITIES.map(() => 0);
  return {
    add(name, rank) {
      const known = ranks.get(name) ?? 0;
      const all = known | (1 << rank);
      if (all === known) return;
      ranks.set(name, all);
      counts[rank] = (counts[rank] ?? 0) + 1;
    },
    count: () => ranks.size,
    countOf: (rank) => counts[rank] ?? 0,
  };
}
