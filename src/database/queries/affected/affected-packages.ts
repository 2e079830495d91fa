import { IS_FINDING_SQL, ruleSql } from '../matches/matching-rules.ts';

/**
 * A query for the packages with a point in an interval that vulnerabilities affect: `package` and `cpe`, the product that it is
 * limited to (empty for none), each pair once.
 *
 * @param which an SQL condition on `vulnerability`, by its name
 * @param first what `which` refers to, with the CROSS JOIN behind it; nothing when absent
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
    AND ${ruleSql(['architecture', 'module'])}`;
}
