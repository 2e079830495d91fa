import { schemeOfType } from '../../ecosystems/index.ts';
import type { ReportFinding } from '../../model/report/report.ts';
import { severityRank } from '../../model/severity.ts';
import { SCHEMES } from '../../versions/index.ts';

/** The findings that an upgrade of one source package fixes. */
export type Upgrade = {
  /** The name of the source package, which the version belongs to. */
  readonly name: string;
  /** The highest of the fixed versions, which fixes all findings. */
  readonly version: string;
  readonly fixes: readonly ReportFinding[];
};

/**
 * Groups findings by the source package whose upgrade fixes them, the worst findings first. Only the status `fixed` counts: other
 * fixes are not published yet, or not for every user.
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
    // Feeds contain versions that the package manager rejects.
    const scheme = schemeOfType(type);
    const key = fixedIn === null || scheme === undefined ? undefined : SCHEMES[scheme].keyOf(fixedIn);
    if (fixedIn === null || key === undefined) continue;
    if (highest === undefined || Buffer.compare(key, highest.key) > 0) highest = { version: fixedIn, key };
  }
  return highest?.version ?? fixes[0]?.fixedIn ?? '';
}
