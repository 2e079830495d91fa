import type { AffectedPackage } from '../../../model/advisories/advisory.ts';
import type { SchemeId } from '../../../versions/index.ts';
import type { Queries } from '../../engines/engine.ts';
import { ruleSql } from '../matches/matching-rules.ts';
import type { AffectedInterval } from '../vulnerabilities/affected-intervals.ts';

/** Returns the version schemes of the namespaces of affected packages. Namespaces that are not stored are absent. */
export async function schemesOf(
  read: Queries,
  affected: readonly AffectedPackage[],
): Promise<ReadonlyMap<string, SchemeId>> {
  const names = new Set(affected.map(({ namespace }) => namespace));
  const rows = await read.all<{ name: string; scheme: SchemeId }>(SELECT_SCHEMES, [JSON.stringify([...names])]);
  return new Map(rows.map(({ name, scheme }) => [name, scheme]));
}

/**
 * Returns intervals as the parameter of {@link featuresInIntervals}; version keys are hexadecimal, because JSON has no
 * type for bytes.
 */
export function intervalsText(intervals: readonly (AffectedInterval & { readonly at?: number })[]): string {
  return JSON.stringify(
    intervals.map(({ namespace, package: name, role, lo, hi, archs, module, cpe, at = 0 }) => [
      namespace,
      name,
      role ?? '',
      Buffer.from(lo).toString('hex'),
      Buffer.from(hi).toString('hex'),
      archs,
      module,
      cpe,
      at,
    ]),
  );
}

const SELECT_SCHEMES = `
SELECT namespace.name, namespace.scheme FROM json_each(?) AS wanted CROSS JOIN namespace
WHERE namespace.name = wanted.value`;

/**
 * Returns a query for the features whose point is in an interval. The parameter of the query is the result of
 * {@link intervalsText}.
 *
 * @param selected columns of `feature` and `affected`; in `affected`, `cpe` is the product of the interval and `at` is
 * the number of the interval
 * @param and a further condition
 */
export function featuresInIntervals(selected: string, and = ''): string {
  return `
  SELECT ${selected}
  FROM (
    SELECT
      line.id AS line, unhex(wanted.value ->> 3) AS lo, unhex(wanted.value ->> 4) AS hi,
      wanted.value ->> 5 AS archs, wanted.value ->> 6 AS module, wanted.value ->> 7 AS cpe,
      CAST(wanted.value ->> 8 AS BIGINT) AS at
    FROM json_each(?) AS wanted
      CROSS JOIN namespace
      CROSS JOIN line
    WHERE namespace.name = wanted.value ->> 0
      AND line.namespace = namespace.id
      AND line.name = wanted.value ->> 1
      AND line.role = wanted.value ->> 2
  ) AS affected
    CROSS JOIN feature_point
    CROSS JOIN feature
  WHERE feature_point.line = affected.line
    AND ${ruleSql(['start', 'end'])}
    AND feature.id = feature_point.feature
    AND ${ruleSql(['owner', 'architecture', 'module'])}${and}`;
}
