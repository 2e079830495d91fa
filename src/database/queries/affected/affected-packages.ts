import { isFindingSql, ruleSql } from '../matches/matching-rules.ts';
import { dependsOnEpochSql } from '../matches/unknown-epochs.ts';

/**
 * Returns a query for the features whose point is in a range of some vulnerabilities. The columns are the feature id
 * and `cpe`, the product of the range (empty without a product); each pair occurs once. Omits features that are
 * undecided because the epoch of their version is unknown.
 *
 * A vulnerability can have many ranges, few of which contain the version of a stored feature. The query therefore finds
 * these few in the index of `affected` by vulnerability, and only then reads their rows as `whole`. The index of SQLite
 * contains all columns of the primary key.
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
    CROSS JOIN affected AS whole
    CROSS JOIN feature
  WHERE ${which}
    AND affected.vulnerability = vulnerability.id
    AND feature_point.line = affected.line
    AND ${ruleSql(['start', 'end'])}
    AND ${KEY.map((column) => `whole.${column} = affected.${column}`).join('\n    AND ')}
    AND ${isFindingSql('whole')}
    AND feature.id = feature_point.feature
    AND ${ruleSql(['owner', 'architecture', 'module'])}
    AND NOT (${dependsOnEpochSql('whole')})`;
}

/** The primary key of `affected`. */
const KEY = ['line', 'hi', 'vulnerability', 'lo', 'archs', 'module', 'cpe'] as const;
