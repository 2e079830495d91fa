import type { AffectedPackage } from '../../../model/advisories/advisory.ts';
import type { SeverityOrigin } from '../../../model/severity.ts';
import { textOrder } from '../../../model/text-order.ts';
import { archsText, type KeyInterval, keyInterval } from './affected-intervals.ts';

/** A row that is collected for a version line. Many rows of a version line share a range, which takes less memory. */
export type CollectedRow = { readonly vulnerability: number; readonly range: AffectedRange };

/** The values of a row that do not depend on the vulnerability. */
export type AffectedRange = KeyInterval &
  Pick<AffectedPackage, 'severity' | 'status'> & {
    readonly severityFrom: SeverityOrigin;
    readonly introduced: string | null;
    readonly fixed: string | null;
    readonly lastAffected: string | null;
    readonly archs: string;
    readonly module: string;
    readonly cpe: string;
    /** The packages and functions as JSON, which few advisories name. */
    readonly imports: string | undefined;
  };

/** The ranges of a version line. */
export type RangeLine = {
  readonly keyOf: (version: string) => Uint8Array;
  /** The last range with only a fixed version, a severity and a status. */
  last?: AffectedRange;
};

/**
 * Returns the range of a package. Returns the range of the previous package of the version line if both are equal, as
 * often for successive identifiers.
 *
 * @throws ClairError `version/invalid` for a bound that the scheme cannot order
 */
export function rangeOf(line: RangeLine, of: AffectedPackage): AffectedRange {
  const { last } = line;
  if (hasMore(of)) return newRange(line, of);
  const { fixed = null, severity, status } = of;
  if (last?.fixed === fixed && last.severity === severity && last.status === status) return last;
  line.last = newRange(line, of);
  return line.last;
}

/** Compares the primary keys of rows of one version line. */
export function compareKeys(one: CollectedRow, other: CollectedRow): number {
  const { range: a } = one;
  const { range: b } = other;
  if (a === b) return one.vulnerability - other.vulnerability;
  return (
    compareBytes(a.hi, b.hi) ||
    one.vulnerability - other.vulnerability ||
    compareBytes(a.lo, b.lo) ||
    textOrder(a.archs, b.archs) ||
    textOrder(a.module, b.module) ||
    textOrder(a.cpe, b.cpe)
  );
}

/** Returns whether a package has other properties than a fixed version, a severity and a status. */
function hasMore({ introduced, lastAffected, severityFrom, archs, module, cpe, imports }: AffectedPackage): boolean {
  return (introduced ?? lastAffected ?? severityFrom ?? archs ?? module ?? cpe ?? imports) !== undefined;
}

function newRange({ keyOf }: RangeLine, of: AffectedPackage): AffectedRange {
  const { lo, hi } = keyInterval(of, keyOf);
  const { severity, severityFrom = 'feed', status, introduced = null, fixed = null, lastAffected = null } = of;
  const { archs, module = '', cpe = '', imports } = of;
  return {
    lo,
    hi,
    severity,
    severityFrom,
    status,
    introduced,
    fixed,
    lastAffected,
    archs: archsText(archs),
    module,
    cpe,
    imports: imports && JSON.stringify(imports),
  };
}

/** Compares bytes. Many rows share the key of a version, which needs no comparison. */
function compareBytes(a: Uint8Array, b: Uint8Array): number {
  return a === b ? 0 : Buffer.compare(a, b);
}
