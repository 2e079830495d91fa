import type { Advisory, AffectedPackage } from '../model/advisories/advisory.ts';
import { type Severity, severityRank, worstSeverity } from '../model/severity.ts';
import { isFinding } from '../model/advisories/status.ts';

/** A severity increase, with the affected packages and their old and new severity. */
export type SeverityIncrease = {
  readonly from: Severity;
  readonly to: Severity;
  readonly affected: readonly AffectedPackage[];
};

/**
 * Compares the worst severity of each package in each namespace before and after a change. A package that was not
 * affected before is ignored. Returns undefined if no severity increased.
 */
export function severityIncrease(before: Advisory, after: Advisory): SeverityIncrease | undefined {
  const [former, present] = [worstByPackage(before.affected), worstByPackage(after.affected)];
  const raised = new Map([...present].filter(([key, rank]) => rank > (former.get(key) ?? rank)));
  if (raised.size === 0) return undefined;
  const affected = findings(after.affected).filter((of) => raised.has(packageKey(of)));
  const wasAffected = findings(before.affected).filter((of) => raised.has(packageKey(of)));
  return { from: worstSeverity(wasAffected), to: worstSeverity(affected), affected };
}

function findings(affected: readonly AffectedPackage[]): readonly AffectedPackage[] {
  return affected.filter(({ status }) => isFinding(status));
}

function worstByPackage(affected: readonly AffectedPackage[]): ReadonlyMap<string, number> {
  const worst = new Map<string, number>();
  for (const of of findings(affected)) {
    worst.set(packageKey(of), Math.max(worst.get(packageKey(of)) ?? 0, severityRank(of.severity)));
  }
  return worst;
}

function packageKey({ namespace, package: name, role, module }: AffectedPackage): string {
  return [namespace, name, role ?? '', module ?? ''].join('\n');
}
