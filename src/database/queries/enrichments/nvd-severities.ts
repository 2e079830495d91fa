import type { AffectedPackage } from '../../../model/advisories/advisory.ts';
import { severityOfRank } from '../../../model/severity.ts';
import type { Queries } from '../../engines/engine.ts';

/**
 * An SQL expression for queries of `vulnerability`. The value of the expression is the worst severity rank in the NVD's
 * scores of the vulnerability's name and aliases; 0 without scores. The database evaluates the expression with an index
 * only. The nested query prevents PostgreSQL from reversing the join.
 */
export const NVD_SEVERITY = `COALESCE((
    SELECT MAX((
      SELECT MAX(enrichment.severity) FROM enrichment WHERE enrichment.cve = cves.cve AND enrichment.severity IS NOT NULL
    ))
    FROM (
      SELECT vulnerability.name AS cve
      UNION ALL
      SELECT vulnerability_alias.name FROM vulnerability_alias WHERE vulnerability_alias.vulnerability = vulnerability.id
    ) AS cves
  ), 0)`;

/** Reads the NVD severity ranks of vulnerabilities by id; vulnerabilities without a rank are absent. */
export async function readNvdSeverities(
  queries: Queries,
  vulnerabilities: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  const rows = await queries.all<{ id: number; severity: number }>(SELECT_NVD_SEVERITIES, [
    JSON.stringify(vulnerabilities),
  ]);
  return new Map(rows.filter(({ severity }) => severity > 0).map(({ id, severity }) => [id, severity]));
}

/** Sets the NVD severity on packages that the feed does not rate. */
export function withNvdSeverity(
  affected: readonly AffectedPackage[],
  rank: number | undefined,
): readonly AffectedPackage[] {
  if (rank === undefined || rank === 0) return affected;
  const severity = severityOfRank(rank);
  return affected.map((each) => (each.severity === 'Unknown' ? { ...each, severity, severityFrom: 'nvd' } : each));
}

/** Parameter: the ids as a JSON list. */
export const SELECT_NVD_SEVERITIES: string = `
SELECT vulnerability.id, ${NVD_SEVERITY} AS severity
FROM json_each(?) AS wanted CROSS JOIN vulnerability
WHERE vulnerability.id = CAST(wanted.value AS BIGINT)`;
