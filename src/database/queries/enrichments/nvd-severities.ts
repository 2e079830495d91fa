import type { AffectedPackage } from '../../../model/advisories/advisory.ts';
import { severityOfRank } from '../../../model/severity.ts';
import type { Queries } from '../../engines/engine.ts';

/**
 * An SQL expression inside of a query of `vulnerability`: the rank of the worst severity that the NVD's scores give one of its
 * CVEs (its name and aliases), 0 for none. An index alone answers it, which the nested query keeps PostgreSQL from turning round.
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

/** Reads the ranks by the NVD of some vulnerabilities, given their ids; one without a rank is absent. */
export async function readNvdSeverities(
  queries: Queries,
  vulnerabilities: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  const rows = await queries.all<{ id: number; severity: number }>(SELECT_NVD_SEVERITIES, [
    JSON.stringify(vulnerabilities),
  ]);
  return new Map(rows.filter(({ severity }) => severity > 0).map(({ id, severity }) => [id, severity]));
}

/** Rates by the NVD what a feed does not rate, and leaves the feed's own words alone. */
export function withNvdSeverity(
  affected: readonly AffectedPackage[],
  rank: number | undefined,
): readonly AffectedPackage[] {
  if (rank === undefined || rank === 0) return affected;
  const severity = severityOfRank(rank);
  return affected.map((each) => (each.severity === 'Unknown' ? { ...each, severity, severityFrom: 'nvd' } : each));
}

/** Takes the ids as a JSON list. */
export const SELECT_NVD_SEVERITIES: string = `
SELECT vulnerability.id, ${NVD_SEVERITY} AS severity
FROM json_each(?) AS wanted CROSS JOIN vulnerability
WHERE vulnerability.id = CAST(wanted.value AS BIGINT)`;
