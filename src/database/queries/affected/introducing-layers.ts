import type { Queries, SqlValue } from '../../engines/engine.ts';
import type { LayerPage, LayerReference } from '../../contracts/matches.ts';

/** What a page grows by while it gives too little, and where that ends. */
export const GROWTH = 10;
export const MAX_GROWN_LIMIT = 10_000;

/**
 * A query for the layers that bring in certain packages, a page in order of their ids. It takes the values of `candidates`
 * and then those of {@link readIntroducingLayers}.
 *
 * @param candidates SQL that gives `package` and `cpe`, the product that it is limited to (empty for none), each pair once
 */
export function introducingLayers(candidates: string): string {
  return `
WITH ${pageOfLayers(candidates)}
SELECT layer.id, layer.name, CASE
  WHEN ${isThere(`
    SELECT 1 FROM layer AS newer WHERE newer.name = layer.name AND newer.engine_version > layer.engine_version`)} THEN 0
  WHEN page.unlimited = 1 THEN 1
  WHEN ${isThere(`
    SELECT 1
    FROM json_each(layer.content_sets) AS content_set
      CROSS JOIN repository_cpe
      CROSS JOIN bounded
      CROSS JOIN layer_feature
    WHERE repository_cpe.repository = content_set.value
      AND bounded.cpe = repository_cpe.cpe
      AND layer_feature.layer = layer.id
      AND layer_feature.feature = bounded.feature
      AND layer_feature.change = 1`)} THEN 1
  ELSE 0
END AS counts
FROM page CROSS JOIN layer
WHERE layer.id = page.id
ORDER BY layer.id`;
}

/**
 * Common table expressions: `candidate`, and in `page` the layers that bring one of them in, with whether one of those is not
 * limited to a product. They take the values of `candidates`, and then the id that layers must be above, how many there are to
 * be without one, that id again, and how many.
 *
 * A package that many images install has as many layers, and a vulnerability many packages. So of each package only as many
 * layers are read, in the order of the index, as the page has: the first of all are among the first of each. A page
 * takes as long with a million layers as with a thousand then.
 */
export function pageOfLayers(candidates: string): string {
  return `candidate (feature, cpe) AS MATERIALIZED (${candidates}),
bounded (feature, cpe, last) AS MATERIALIZED (
  SELECT
    candidate.feature, candidate.cpe,
    COALESCE((
      SELECT DISTINCT layer_feature.layer FROM layer_feature
      WHERE layer_feature.feature = candidate.feature AND layer_feature.change = 1 AND layer_feature.layer > ?
      ORDER BY layer_feature.layer LIMIT 1 OFFSET ?
    ), 9223372036854775807)
  FROM candidate
),
page (id, unlimited) AS MATERIALIZED (
  SELECT layer_feature.layer, MAX(CASE bounded.cpe WHEN '' THEN 1 ELSE 0 END)
  FROM bounded CROSS JOIN layer_feature
  WHERE layer_feature.feature = bounded.feature
    AND layer_feature.change = 1
    AND layer_feature.layer > ?
    AND layer_feature.layer <= bounded.last
  GROUP BY layer_feature.layer
  ORDER BY layer_feature.layer
  LIMIT ?
)`;
}

/**
 * Whether a query that depends on a row gives anything, looked up for each row. Of an EXISTS PostgreSQL may find the answers
 * for all rows that there could be.
 */
export function isThere(query: string): string {
  return `(${query} LIMIT 1) IS NOT NULL`;
}

/**
 * Reads a page of the layers that {@link introducingLayers} finds. Those that a newer engine analysed again, or that are not
 * from the product, do not count; while the page has too few, more are read.
 *
 * @param keep gives those of some layers that count, for whatever else is asked of them; all when absent
 */
export async function readIntroducingLayers(
  read: Queries,
  { statement, values }: { readonly statement: string; readonly values: readonly SqlValue[] },
  { after, limit }: LayerPage,
  keep: (layers: readonly LayerReference[]) => Promise<readonly LayerReference[]> = async (layers) => layers,
): Promise<readonly LayerReference[]> {
  const found: LayerReference[] = [];
  let last = after;
  for (let size = limit; ; size = Math.max(size, Math.min(size * GROWTH, MAX_GROWN_LIMIT))) {
    const rows = await read.all<PageRow>(statement, [...values, last, size - 1, last, size]);
    const counting = rows.filter(({ counts }) => counts === 1).map(({ id, name }) => ({ id, name }));
    for (const layer of counting.length === 0 ? [] : await keep(counting)) found.push(layer);
    const end = rows.at(-1);
    if (end === undefined || rows.length < size || found.length >= limit) return found.slice(0, limit);
    last = end.id;
  }
}

type PageRow = LayerReference & { readonly counts: 0 | 1 };
