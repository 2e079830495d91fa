import { isExploited } from '../../../src/model/report/exploited-finding.ts';
import { type PackageKind, packageKindOf } from '../../../src/model/package-kind.ts';
import { SEVERITIES, type Severity } from '../../../src/model/severity.ts';
import type { ReportFinding } from '../../../src/model/report/report.ts';
import type { Sorting } from '../parts/sort-heading.tsx';

/** The columns that sort findings; by risk, exploited findings come first. */
export const FINDING_COLUMNS = ['risk', 'severity', 'id', 'package', 'fixedIn', 'layer'] as const;

export type FindingColumn = (typeof FINDING_COLUMNS)[number];

export type FindingFilter = {
  /**
   * Part of the ID, an alias, a CVE, the package or a candidate, the version or a path, ignoring case; an empty text
   * matches all findings.
   */
  readonly text: string;
  /** The minimum severity. */
  readonly least: Severity;
  readonly isFixable: boolean;
  readonly isExploited: boolean;
  /** The index of the layer that added the package; null matches all. */
  readonly layer: number | null;
  /** The kind of the package; null matches all. */
  readonly kind: PackageKind | null;
};

export const EVERY_FINDING: FindingFilter = {
  text: '',
  least: 'Unknown',
  isFixable: false,
  isExploited: false,
  layer: null,
  kind: null,
};

/** Returns the matching findings, sorted; equal findings stay in the order of the report. */
export function findingsShown(
  findings: readonly ReportFinding[],
  filter: FindingFilter,
  { column, isDescending }: Sorting<FindingColumn>,
): readonly ReportFinding[] {
  const sign = isDescending ? -1 : 1;
  return findings.filter((each) => isWanted(each, filter)).toSorted((one, other) => sign * compare(one, other, column));
}

/** Returns the highest EPSS score of the CVEs of a finding, from 0 to 1; undefined without scores. */
export function epssOf({ cves }: ReportFinding): number | undefined {
  const scores = cves.flatMap(({ epss }) => (epss === undefined ? [] : [epss.score]));
  return scores.length === 0 ? undefined : Math.max(...scores);
}

function isWanted(finding: ReportFinding, { text, least, layer, kind, ...filter }: FindingFilter): boolean {
  if (kind !== null && packageKindOf(finding) !== kind) return false;
  if (layer !== null && finding.layer !== layer) return false;
  if (filter.isFixable && finding.fixedIn === null) return false;
  if (filter.isExploited && !isExploited(finding)) return false;
  if (rankOf(finding.severity) < rankOf(least)) return false;
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return true;
  const { id, aliases, version, cves, source, candidates, paths } = finding;
  const names = [id, ...aliases, ...cves.map((cve) => cve.id), finding.package, source.name, ...candidates];
  const texts = [...names, version, ...paths];
  return texts.some((each) => each.toLowerCase().includes(wanted));
}

function compare(one: ReportFinding, other: ReportFinding, column: FindingColumn): number {
  switch (column) {
    case 'risk':
      return Number(isExploited(one)) - Number(isExploited(other)) || one.risk - other.risk;
    case 'layer':
      return one.layer - other.layer;
    case 'severity':
      return rankOf(one.severity) - rankOf(other.severity);
    case 'id':
      return inOrder.compare(one.id, other.id);
    case 'package':
      return inOrder.compare(one.package, other.package);
    case 'fixedIn':
      return inOrder.compare(one.fixedIn ?? '', other.fixedIn ?? '');
  }
}

/** Sorts CVE-2024-999 before CVE-2024-1000. */
const inOrder = new Intl.Collator('en', { numeric: true });

function rankOf(severity: Severity): number {
  return SEVERITIES.indexOf(severity);
}
