import { schemeOfType } from '../../ecosystems/index.ts';
import { isLibrary } from '../../model/package-kind.ts';
import type { ReportFinding } from '../../model/report/report.ts';
import { severityRank } from '../../model/severity.ts';
import { SCHEMES } from '../../versions/index.ts';
import { groupedBy } from '../writing/grouped.ts';

/** An upgrade of a source package or library, with the findings that it fixes. */
export type Upgrade = {
  /** The name of the source package that the version belongs to; for a library, its name and installed version. */
  readonly name: string;
  /** The highest of the fixed versions; this version fixes all findings. */
  readonly version: string;
  readonly fixes: readonly [ReportFinding, ...ReportFinding[]];
};

/**
 * Groups findings by the source package or library to upgrade. The upgrade with the worst finding comes first. Only
 * findings with the status `fixed` count, because all other fixes are uncertain, unpublished or not available to every
 * user. Each installed version of a library has its own upgrade, because programs depend on different release series.
 * Malicious packages have no upgrade.
 */
export function upgradesOf(findings: readonly ReportFinding[]): readonly Upgrade[] {
  const fixed = findings.filter(
    ({ status, fixedIn, class: of }) => status === 'fixed' && fixedIn !== null && of !== 'malicious',
  );
  return [...groupedBy(fixed, upgradeKey).values()]
    .map((fixes) => ({ name: nameOf(fixes[0]), version: highestFix(fixes), fixes }))
    .toSorted((one, other) => worst(other) - worst(one) || other.fixes.length - one.fixes.length);
}

function upgradeKey(finding: ReportFinding): string {
  return isLibrary(finding) ? `${finding.type} ${nameOf(finding)}` : finding.source.name;
}

function nameOf(finding: ReportFinding): string {
  return isLibrary(finding) ? `${finding.package} ${finding.version}` : finding.source.name;
}

function worst({ fixes }: Upgrade): number {
  return Math.max(...fixes.map(({ severity }) => severityRank(severity)));
}

function highestFix(fixes: readonly ReportFinding[]): string {
  let highest: { readonly version: string; readonly key: Uint8Array } | undefined;
  for (const { fixedIn, type } of fixes) {
    // Feeds can contain versions that the package manager rejects; these versions are skipped.
    const scheme = schemeOfType(type);
    const key = fixedIn === null || scheme === undefined ? undefined : SCHEMES[scheme].keyOf(fixedIn);
    if (fixedIn === null || key === undefined) continue;
    if (highest === undefined || Buffer.compare(key, highest.key) > 0) highest = { version: fixedIn, key };
  }
  return highest?.version ?? fixes[0]?.fixedIn ?? '';
}
