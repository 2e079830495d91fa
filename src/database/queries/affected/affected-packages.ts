import { IS_FINDING_SQL, ruleSql } from '../matches/matching-rules.ts';
import { DEPENDS_ON_EPOCH_SQL } from '../matches/unknown-epochs.ts';

/**
 * Returns a query for the features with a point in a range of some vulnerabilities: the feature id and `cpe`, the
 * product of the range (empty without a product), each pair once. Features that a lost epoch leaves undecided are left out.
 *
 * @param which an SQL condition that refers to the table `vulnerability` by that name, without an alias
 * @param first the tables that `which` uses, with a CROSS JOIN after them; nothing when absent
 */
export function affectedPackages(which: string, first = ''): string {
  return `
  SELECT DISTINCT feature.id, affected.cpe
  FROM ${first} vulnerability
    CROSS JOIN affected
    CROSS JOIN feature_point
    CROSS JOIN feature
  WHERE ${which}
    AND affected.vulnerability = vulnerability.id
    AND ${IS_FINDING_SQL}
    AND feature_point.line = affected.line
    AND ${ruleSql(['start', 'end'])}
    AND feature.id = feature_point.feature
    AND ${ruleSql(['owner', 'architecture', 'module'])}
    AND NOT (${DEPENDS_ON_EPOCH_SQL})`;
}
