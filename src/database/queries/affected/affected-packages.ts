import { IS_FINDING_SQL, ruleSql } from '../matches/matching-rules.ts';
import { DEPENDS_ON_EPOCH_SQL } from '../matches/unknown-epochs.ts';

/**
 * Returns a query for the features whose point is in a range of some vulnerabilities. The columns are the feature id
 * and `cpe`, the product of the range (empty without a product); each pair occurs once. Omits features that are
 * undecided because the epoch of their version is unknown.
 *
 * @param which an SQL condition that refers to the table `vulnerability` by that name, without an alias
 * @param first the tables that `which` uses, followed by a CROSS JOIN; no tables when absent
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
