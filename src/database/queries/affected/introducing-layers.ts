import type { Queries, SqlValue } from '../../engines/engine.ts';
import { ENDED } from '../matches/ended-releases.ts';
import type { LayerPage, LayerReference } from '../../contracts/matches.ts';

/** The factor by which the limit of a query grows while the query returns too few rows. */
export const GROWTH = 10;

/** The maximum limit of a query. */
export const MAX_GROWN_LIMIT = 10_000;

/**
 * Returns a query for a page of the layers that introduce certain packages, by id. The parameters of the query are the
 * releases past their end of life ({@link ENDED}), the parameters of `candidates`, and the page as in {@link
 * pageOfLayers}.
 *
 * @param candidates a query for the id of a feature and for `cpe`, the product of the affected range (empty without a
 * product); each pair occurs once
 */
export function introducingLayers(candidates: string): string {
  return `
WITH ${ENDED}, ${pageOfLayers(candidates)}
SELECT layer.id, layer.name, CASE
  WHEN ${isThere(`
    SELECT 1 FROM layer AS newer WHERE newer.name = layer.name AND newer.id > layer.id`)} THEN 0
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
 * Returns common table expressions. `page` contains the introducing layers, and whether one of their packages is not
 * limited to a product. The parameters are the parameters of `candidates`, the layer id to start above, the number of
 * layers minus one, the id again, and the number of layers.
 *
 * A package may be introduced in many layers, and a vulnerability may affect many packages. The query therefore reads,
 * in index order, only as many layers of each package as the page needs; all layers of the page are among these layers.
 * A page takes as long with a million layers as with a thousand.
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
 * Returns a condition that is true if a correlated query returns a row. The database evaluates the condition for each
 * row. For EXISTS, PostgreSQL may evaluate the subquery for all possible rows in advance.
 */
export function isThere(query: string): string {
  return `(${query} LIMIT 1) IS NOT NULL`;
}

/**
 * Reads a page of {@link introducingLayers}. Skips layers that a newer engine analysed again and layers of other
 * products, until the page is full.
 *
 * @param keep returns the layers to keep; keeps all layers when absent
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
