import { schemeOfType } from '../../ecosystems/index.ts';
import type { ReportFinding } from '../../model/report/report.ts';
import { severityRank } from '../../model/severity.ts';
import { SCHEMES } from '../../versions/index.ts';

/** What an upgrade of the packages of one source would fix. */
export type Upgrade = {
  /** The name of the source; feeds give the version of it. */
  readonly name: string;
  /** The highest version that one of them is fixed in: with it all are. */
  readonly version: string;
  readonly fixes: readonly ReportFinding[];
};

/**
 * Puts together what upgrades would fix, by source package, those of the worst findings first. Only what is `fixed` counts:
 * other versions are not there yet, or not for everybody.
 */
export function upgradesOf(findings: readonly ReportFinding[]): readonly Upgrade[] {
  const bySource = new Map<string, ReportFinding[]>();
  for (const finding of findings) {
    if (finding.status !== 'fixed' || finding.fixedIn === null) continue;
    const known = bySource.get(finding.source.name);
    if (known === undefined) bySource.set(finding.source.name, [finding]);
    else known.push(finding);
  }
  return [...bySource]
    .map(([name, fixes]) => ({ name, version: highestFix(fixes), fixes }))
    .toSorted((one, other) => worst(other) - worst(one) || other.fixes.length - one.fixes.length);
}

function worst({ fixes }: Upgrade): number {
  return Math.max(...fixes.map(({ severity }) => severityRank(severity)));
}

function highestFix(fixes: readonly ReportFinding[]): string {
  let highest: { readonly version: string; readonly key: Uint8Array } | undefined;
  for (const { fixedIn, type } of fixes) {
    // Feeds have versions that the package manager itself does not accept.
    const scheme = schemeOfType(type);
    const key = fixedIn === null || scheme === undefined ? undefined : SCHEMES[scheme].keyOf(fixedIn);
    if (fixedIn === null || key === undefined) continue;
    if (highest === undefined || Buffer.compare(key, highest.key) > 0) highest = { version: fixedIn, key };
  }
  return highest?.version ?? fixes[0]?.fixedIn ?? '';
}
