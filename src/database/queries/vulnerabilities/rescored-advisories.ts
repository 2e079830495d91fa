import { withNvdSeverity, readNvdSeverities, NVD_SEVERITY } from '../enrichments/nvd-severities.ts';
import type { Queries } from '../../engines/engine.ts';
import { LOGGED_CHANGES } from '../change-log/feed-updates.ts';
import { slicesOf, storedAdvisories } from './stored-vulnerabilities.ts';

/**
 * Advisories with packages that the feed does not rate, by id, with the severity ranks before new scores were stored.
 */
export type UnratedAdvisories = ReadonlyMap<number, UnratedRow>;

/** Returns the unrated advisories about CVEs whose scores change. */
export async function unratedAdvisories(queries: Queries, cves: readonly string[]): Promise<UnratedAdvisories> {
  if (cves.length === 0) return new Map();
  const wanted = JSON.stringify(cves);
  const rows = await queries.all<UnratedRow>(SELECT_UNRATED, [wanted, wanted]);
  return new Map(rows.map((row) => [row.id, row]));
}

/**
 * Logs the advisories whose severity changed because of new scores, in the same way as changes by the feed. Must be
 * called after the scores were written. Holds one slice in memory.
 *
 * @param at milliseconds since 1970
 * @param updateOf returns the id of the update of a feed
 */
export async function logRescored(
  queries: Queries,
  unrated: UnratedAdvisories,
  at: number,
  updateOf: (feed: string) => Promise<number>,
): Promise<void> {
  for (const slice of slicesOf([...unrated.keys()])) {
    const severities = await readNvdSeverities(queries, slice);
    const rescored = slice.filter((id) => unrated.get(id)?.severity !== (severities.get(id) ?? 0));
    const changes: (string | number)[][] = [];
    for await (const { id, advisory } of storedAdvisories(queries, rescored)) {
      const { feed, severity } = unrated.get(id) ?? {};
      if (feed === undefined) continue;
      const before = { ...advisory, affected: withNvdSeverity(advisory.affected, severity) };
      changes.push([feed, advisory.id, 'changed', JSON.stringify(before), at, 0, await updateOf(feed)]);
    }
    await queries.insertMany(LOGGED_CHANGES, changes);
  }
}

type UnratedRow = { readonly id: number; readonly feed: string; readonly severity: number };

/** Parameters: the CVEs as a JSON list, twice. */
export const SELECT_UNRATED: string = `
SELECT vulnerability.id, vulnerability.feed, ${NVD_SEVERITY} AS severity
FROM (
  SELECT vulnerability.id FROM json_each(?) AS wanted CROSS JOIN vulnerability WHERE vulnerability.name = wanted.value
  UNION
  SELECT vulnerability_alias.vulnerability
  FROM json_each(?) AS wanted CROSS JOIN vulnerability_alias
  WHERE vulnerability_alias.name = wanted.value
) AS about CROSS JOIN vulnerability
WHERE vulnerability.id = about.id
  AND EXISTS (SELECT 1 FROM affected WHERE affected.vulnerability = vulnerability.id AND affected.severity = 0)
ORDER BY vulnerability.id`;
