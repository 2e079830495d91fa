import { isExploited } from '../../model/report/exploited-finding.ts';
import type { ReportFinding } from '../../model/report/report.ts';
import { SEVERITIES, type Severity, severityRank } from '../../model/severity.ts';
import { upgradeCommand } from './upgrade-command.ts';
import { type Upgrade, upgradesOf } from './upgrades.ts';

/** An upgrade of an image, as the API returns it. */
export type ImageUpgrade = Pick<ReportFinding, 'type' | 'namespace'> & {
  /** The name of the source package or library. */
  readonly name: string;
  /** The installed packages that the upgrade replaces. */
  readonly packages: readonly { readonly name: string; readonly version: string }[];
  /** The lowest version that fixes all findings. */
  readonly version: string;
  /** The indexes of the layers that added the packages, ascending. */
  readonly layers: readonly number[];
  /** The command that upgrades the packages; null if Clair knows no safe command. */
  readonly command: string | null;
  /** The number of fixed findings of each severity, without zeros. */
  readonly severities: Partial<Readonly<Record<Severity, number>>>;
  /** The number of fixed findings whose vulnerabilities are known to be exploited (KEV). */
  readonly exploited: number;
  /** The number of fixed findings. */
  readonly fixed: number;
  /**
   * The IDs of the fixed vulnerabilities: exploited vulnerabilities first, and then in order of severity, worst first.
   */
  readonly vulnerabilities: readonly string[];
};

/**
 * Returns the upgrades that fix findings of an image. Upgrades that fix exploited vulnerabilities come first; otherwise
 * the order is the order of {@link upgradesOf}.
 */
export function imageUpgrades(findings: readonly ReportFinding[]): readonly ImageUpgrade[] {
  return upgradesOf(findings)
    .map(imageUpgrade)
    .toSorted((one, other) => Number(other.exploited > 0) - Number(one.exploited > 0));
}

function imageUpgrade({ fixes, version }: Upgrade): ImageUpgrade {
  const [first] = fixes;
  const severities = SEVERITIES.toReversed().flatMap((severity) => {
    const count = fixes.filter((finding) => finding.severity === severity).length;
    return count === 0 ? [] : [[severity, count] as const];
  });
  const worstFirst = fixes.toSorted(
    (one, other) =>
      Number(isExploited(other)) - Number(isExploited(one)) ||
      severityRank(other.severity) - severityRank(one.severity),
  );
  const packages = new Map(fixes.map((finding) => [`${finding.package} ${finding.version}`, finding]));
  return {
    type: first.type,
    namespace: first.namespace,
    name: first.source.name,
    packages: [...packages.values()].map((finding) => ({ name: finding.package, version: finding.version })),
    version,
    layers: [...new Set(fixes.map(({ layer }) => layer))].toSorted((one, other) => one - other),
    command: upgradeCommand(fixes, version),
    severities: Object.fromEntries(severities),
    exploited: fixes.filter(isExploited).length,
    fixed: fixes.length,
    vulnerabilities: [...new Set(worstFirst.map(({ id }) => id))],
  };
}
