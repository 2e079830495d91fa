import { isExploited } from '../../../src/model/report/exploited-finding.ts';
import { type PackageKind, packageKindOf } from '../../../src/model/package-kind.ts';
import { SEVERITIES, type Severity } from '../../../src/model/severity.ts';
import type { ReportFinding } from '../../../src/model/report/report.ts';
import type { Sorting } from '../parts/sort-heading.tsx';

/** The columns by which findings can be sorted. In the order by risk, exploited findings rank above all others. */
export const FINDING_COLUMNS = ['risk', 'severity', 'id', 'package', 'fixedIn', 'layer'] as const;

export type FindingColumn = (typeof FINDING_COLUMNS)[number];

export type FindingFilter = {
  /**
   * Part of the ID, an alias, a CVE, the package, the source package, a candidate, the version or a path, ignoring
   * case; an empty text matches all findings.
   */
  readonly text: string;
  /** The exact name of a package or source package; null matches all packages. */
  readonly package: string | null;
  /** The minimum severity. */
  readonly least: Severity;
  readonly isFixable: boolean;
  readonly isExploited: boolean;
  /** The index of the layer that added the package; null matches all layers. */
  readonly layer: number | null;
  /** The kind of the package; null matches all kinds. */
  readonly kind: PackageKind | null;
};

export const EVERY_FINDING: FindingFilter = {
  text: '',
  package: null,
  least: 'Unknown',
  isFixable: false,
  isExploited: false,
  layer: null,
  kind: null,
};

/** The findings of an image, which can be filtered and sorted. */
export type FindingList = {
  /** Returns the findings that match, in the given order. Equal findings remain in the order of the report. */
  readonly shown: (filter: FindingFilter, sorting: Sorting<FindingColumn>) => readonly ReportFinding[];
  /**
   * Prepares the next `count` findings for the first search and sorting; returns false when all findings are prepared.
   */
  readonly prepare: (count: number) => boolean;
};

/** The texts of a finding that are compared to search and sort. */
type FindingTexts = { readonly search: string } & Readonly<Record<'id' | 'package' | 'fixedIn', string>>;

/**
 * Creates the list of the findings of an image. The list keeps the last order and the compared texts, so that filtering
 * thousands of findings does not delay a frame.
 */
export function createFindingList(findings: readonly ReportFinding[]): FindingList {
  const texts = new Map<ReportFinding, FindingTexts>();
  const textsFor = (finding: ReportFinding): FindingTexts => {
    const present = texts.get(finding);
    if (present !== undefined) return present;
    const created = textsOf(finding);
    texts.set(finding, created);
    return created;
  };
  let prepared = 0;
  let order = '';
  let sorted: readonly ReportFinding[] = [];
  return {
    shown: (filter, { column, isDescending }) => {
      const wanted = `${column} ${isDescending}`;
      if (order !== wanted) sorted = inOrder(findings, isDescending, (finding) => sortKey(finding, column, textsFor));
      order = wanted;
      const text = filter.text.trim().toLowerCase();
      return sorted.filter((each) => isWanted(each, filter) && (text === '' || textsFor(each).search.includes(text)));
    },
    prepare: (count) => {
      for (const finding of findings.slice(prepared, prepared + count)) textsFor(finding);
      prepared += count;
      return prepared < findings.length;
    },
  };
}

function inOrder(
  findings: readonly ReportFinding[],
  isDescending: boolean,
  keyOf: (finding: ReportFinding) => number | string,
): readonly ReportFinding[] {
  const sign = isDescending ? -1 : 1;
  return findings
    .map((finding) => ({ finding, key: keyOf(finding) }))
    .toSorted((one, other) => sign * compare(one.key, other.key))
    .map(({ finding }) => finding);
}

/** Returns the highest EPSS score of the CVEs of a finding, from 0 to 1, or undefined without a score. */
export function epssOf({ cves }: ReportFinding): number | undefined {
  const scores = cves.flatMap(({ epss }) => (epss === undefined ? [] : [epss.score]));
  return scores.length === 0 ? undefined : Math.max(...scores);
}

function isWanted(finding: ReportFinding, { least, layer, kind, ...filter }: FindingFilter): boolean {
  if (kind !== null && packageKindOf(finding) !== kind) return false;
  const { package: name } = filter;
  if (name !== null && finding.package !== name && finding.source.name !== name) return false;
  if (layer !== null && finding.layer !== layer) return false;
  if (filter.isFixable && finding.fixedIn === null) return false;
  if (filter.isExploited && !isExploited(finding)) return false;
  return rankOf(finding.severity) >= rankOf(least);
}

function textsOf({ id, aliases, version, cves, source, candidates, paths, ...finding }: ReportFinding): FindingTexts {
  const names = [id, ...aliases, ...cves.map((cve) => cve.id), finding.package, source.name, ...candidates];
  return {
    search: [...names, version, ...paths].join('\n').toLowerCase(),
    id: naturalKey(id),
    package: naturalKey(finding.package),
    fixedIn: naturalKey(finding.fixedIn ?? ''),
  };
}

/** Returns the key by which a finding is sorted in a column. Such keys sort thousands of findings without delay. */
function sortKey(
  finding: ReportFinding,
  column: FindingColumn,
  textsFor: (finding: ReportFinding) => FindingTexts,
): number | string {
  switch (column) {
    case 'risk':
      return (isExploited(finding) ? EXPLOITED : 0) + finding.risk;
    case 'layer':
      return finding.layer;
    case 'severity':
      return rankOf(finding.severity);
    case 'id':
    case 'package':
    case 'fixedIn':
      return textsFor(finding)[column];
  }
}

/** The number that is added to the sort key of exploited findings; it is above the highest risk, 100. */
const EXPLOITED = 1000;

/** Returns a key that sorts CVE-2024-999 before CVE-2024-1000, regardless of case. */
function naturalKey(text: string): string {
  return text.toLowerCase().replaceAll(/\d+/g, (digits) => digits.padStart(NUMBER_LENGTH, '0'));
}

/** The number of digits to which numbers are padded; longer numbers are sorted as text. */
const NUMBER_LENGTH = 12;

function compare(one: number | string, other: number | string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

function rankOf(severity: Severity): number {
  return SEVERITIES.indexOf(severity);
}
