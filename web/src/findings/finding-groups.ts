import { isExploited } from '../../../src/model/report/exploited-finding.ts';
import type { ReportFinding } from '../../../src/model/report/report.ts';
import { type Severity, severityRank } from '../../../src/model/severity.ts';
import type { ImageUpgrade } from '../api-shapes.ts';
import { epssOf } from './finding-filter.ts';

/** The findings of a vulnerability in the packages of a source package, or in a version of a library. */
export type FindingGroup = {
  /** Identifies the group in the image and in addresses. */
  readonly key: string;
  /** The findings in the order of the list. The first finding determines the position of the group. */
  readonly findings: readonly [ReportFinding, ...ReportFinding[]];
  readonly id: string;
  /** The name of the source package or library. */
  readonly name: string;
  /** The distinct installed versions. */
  readonly versions: readonly string[];
  /** The distinct fixed versions; empty if no finding has a fix. */
  readonly fixedIn: readonly string[];
  /** The indexes of the layers that added the packages, ascending. */
  readonly layers: readonly number[];
  /** The highest risk, from 0 to 100. */
  readonly risk: number;
  readonly severity: Severity;
  readonly isExploited: boolean;
  /** The highest EPSS score, from 0 to 1. */
  readonly epss: number | undefined;
};

export type GroupedFindings = Pick<FindingGroup, 'key' | 'findings'>;

/** Groups findings by vulnerability and source package, in the order of the first finding of each group. */
export function findingGroups(findings: readonly ReportFinding[]): readonly FindingGroup[] {
  return groupedFindings(findings).map(groupOf);
}

/**
 * Groups findings as {@link findingGroups} does, but without the details, because adding details to thousands of groups
 * takes time. {@link groupOf} adds the details of a group.
 */
export function groupedFindings(findings: readonly ReportFinding[]): readonly GroupedFindings[] {
  const groups = new Map<string, [ReportFinding, ...ReportFinding[]]>();
  for (const finding of findings) {
    const key = keyOf(finding);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [finding]);
    else group.push(finding);
  }
  return [...groups].map(([key, group]) => ({ key, findings: group }));
}

/** Returns the key of the group of a finding. Different namespaces have separate groups. */
export function keyOf({ id, namespace, source }: ReportFinding): string {
  return `${id} ${source.name} ${source.version} ${namespace}`;
}

/**
 * Returns a function that returns the key of the group of a vulnerability in an upgraded package; null if no finding is
 * in such a group.
 */
export function groupKeys(
  findings: readonly ReportFinding[],
): (upgrade: Pick<ImageUpgrade, 'name' | 'namespace' | 'packages'>, id: string) => string | null {
  const keys = new Map(
    findings.map((finding) => {
      const { id, namespace, source, version } = finding;
      return [JSON.stringify([id, namespace, source.name, version]), keyOf(finding)];
    }),
  );
  return ({ name, namespace, packages }, id) =>
    packages.map(({ version }) => keys.get(JSON.stringify([id, namespace, name, version]))).find(isText) ?? null;
}

/** Returns a group with the facts that its row shows: the worst severity, the highest EPSS score and the fixes. */
export function groupOf({ key, findings }: GroupedFindings): FindingGroup {
  const [first] = findings;
  const scores = findings.map(epssOf).filter((score) => score !== undefined);
  const worst = findings.reduce((one, other) =>
    severityRank(other.severity) > severityRank(one.severity) ? other : one,
  );
  return {
    key,
    findings,
    id: first.id,
    name: first.source.name,
    versions: unique(findings.map(({ version }) => version)),
    fixedIn: unique(findings.flatMap(({ fixedIn }) => (fixedIn === null ? [] : [fixedIn]))),
    layers: unique(findings.map(({ layer }) => layer)).toSorted((one, other) => one - other),
    risk: Math.max(...findings.map(({ risk }) => risk)),
    severity: worst.severity,
    isExploited: findings.some(isExploited),
    epss: scores.length === 0 ? undefined : Math.max(...scores),
  };
}

function isText(key: string | undefined): key is string {
  return key !== undefined;
}

function unique<Item>(items: readonly Item[]): readonly Item[] {
  return [...new Set(items)];
}
