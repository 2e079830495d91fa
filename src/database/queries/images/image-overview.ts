import type { ImageOverview, NamespaceImages } from '../../contracts/image-counts.ts';
import type { Queries } from '../../engines/engine.ts';

/** Counts all images along an index that contains only the counted columns. @param since milliseconds since 1970 */
export async function readOverview(queries: Queries, since: number): Promise<ImageOverview> {
  const namespaces = await queries.all<NamespaceImages>(SELECT_NAMESPACES);
  const scanned = await queries.get<{ count: number }>(COUNT_SCANNED, [since]);
  return { namespaces, scannedSince: scanned?.count ?? 0 };
}

export const SELECT_NAMESPACES = `
SELECT namespace, COUNT(*) AS images,
  COUNT(CASE WHEN is_counted = 0 THEN 1 END) AS waiting,
  COUNT(CASE WHEN is_exploited = 1 THEN 1 END) AS exploited,
  COUNT(CASE WHEN is_fixable_high = 1 THEN 1 END) AS "fixableHigh",
  COUNT(CASE WHEN is_incomplete = 1 THEN 1 END) AS incomplete
FROM image
GROUP BY namespace
ORDER BY namespace`;

const COUNT_SCANNED = 'SELECT COUNT(*) AS count FROM image WHERE scanned_at > ?';
