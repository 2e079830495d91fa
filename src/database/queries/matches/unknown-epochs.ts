import { type Feature, isSystemPackage } from '../../../model/feature.ts';
import { SCHEMES } from '../../../versions/index.ts';

/** The end of an affected range on a version line. */
export type RangeEnd = {
  readonly fixed: string | null;
  readonly lastAffected: string | null;
  /** Whether the version line belongs to a source package. Versions of source packages have no epoch. */
  readonly isOfSource: boolean;
};

/**
 * Returns whether only the epoch, which the SBOM does not contain, decides whether a range affects a package. The epoch
 * decides if the range ends in a later epoch, at a version that is not above the installed version. The installed
 * package then has the fix if its epoch equals the epoch of the end of the range.
 */
export function dependsOnEpoch(of: Feature, { fixed, lastAffected, isOfSource }: RangeEnd): boolean {
  if (!isSystemPackage(of) || of.epoch === undefined || isOfSource) return false;
  const [, rest] = /^[1-9]\d*:(.*)$/s.exec(fixed ?? lastAffected ?? '') ?? [];
  const end = rest === undefined ? undefined : SCHEMES.rpm.keyOf(rest);
  const installed = SCHEMES.rpm.keyOf(of.version);
  if (end === undefined || installed === undefined) return false;
  const order = Buffer.compare(end, installed);
  return fixed === null ? order < 0 : order <= 0;
}

/**
 * Returns {@link dependsOnEpoch} as an SQL condition on a feature, one of its points, and a range. An rpm key starts with
 * the four bytes of the epoch (`versions/rpm.ts`); keys of source packages have no epoch.
 *
 * @param lastVersion an SQL expression for the fixed version of the range, or else its last affected version
 */
export function dependsOnEpochSql(lastVersion: string): string {
  return `substr(affected.hi, 1, 4) > substr(feature_point.version_key, 1, 4)
      AND substr(affected.hi, 5) <= substr(feature_point.version_key, 5)
      AND instr(feature.details, '"epoch":"unknown"') > 0
      AND ${lastVersion} IS NOT NULL`;
}
