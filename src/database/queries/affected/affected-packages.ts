import { isFindingSql, ruleSql } from '../matches/matching-rules.ts';
import { dependsOnEpochSql } from '../matches/unknown-epochs.ts';
import { isThere } from './introducing-layers.ts';

/**
 * Returns a query for the features whose point is in a range of some vulnerabilities. The columns are the feature id
 * and `cpe`, the product of the range (empty without a product); each pair occurs once. Omits features that are
 * undecided because the epoch of their version is unknown.
 *
 * A vulnerability can have many ranges, few of which contain the version of a stored feature. The query therefore reads
 * only the primary keys of the ranges, which on SQLite are in the index by vulnerability, and reads the rest of a row
 * only if the range contains a version.
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
    AND CASE
      WHEN ${isThere(`SELECT 1 FROM feature_point WHERE ${IN_RANGE}`)} THEN ${restOfRow('1', isFindingSql('whole'))}
    END IS NOT NULL
    AND ${IN_RANGE}
    AND feature.id = feature_point.feature
    AND ${ruleSql(['owner', 'architecture', 'module'])}
    AND NOT (${dependsOnEpochSql(restOfRow('COALESCE(whole.fixed, whole.last_affected)'))})`;
}

const IN_RANGE = `feature_point.line = affected.line
    AND ${ruleSql(['start', 'end'])}`;

/** The primary key of `affected`. */
const KEY = ['line', 'hi', 'vulnerability', 'lo', 'archs', 'module', 'cpe'] as const;

/** Returns a subquery for an expression of columns that are not in the primary key; NULL if the condition is false. */
function restOfRow(expression: string, condition = ''): string {
  const conditions = KEY.map((column) => `whole.${column} = affected.${column}`);
  if (condition !== '') conditions.push(condition);
  return `(SELECT ${expression} FROM affected AS whole WHERE ${conditions.join(' AND ')})`;
}
