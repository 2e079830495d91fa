/**
 * A layer and its ancestors. Takes one value: the id of the layer.
 */
export const CHAIN: string = `chain (id, parent) AS (
  SELECT id, parent FROM layer WHERE id = ?
  UNION ALL
  SELECT layer.id, layer.parent FROM chain CROSS JOIN layer WHERE layer.id = chain.parent
)`;

/**
 * Each feature that is installed at the layer that {@link CHAIN} starts from, with each of its paths, and the depth of the
 * layer that added it there: the last addition counts, and a later one never has a smaller origin.
 *
 * CROSS JOIN states the order of the join (sqlite.org/lang_select.html, "special handling of CROSS JOIN"): left to
 * itself SQLite groups by feature through the wrong index and reads the differences of every layer in the database.
 */
export const LOCATED: string = `located (feature, path, origin_depth) AS (
  SELECT
    layer_feature.feature, layer_feature.path,
    MAX(CASE WHEN layer_feature.change = 1 THEN layer_feature.origin_depth END)
  FROM chain CROSS JOIN layer_feature
  WHERE layer_feature.layer = chain.id
  GROUP BY layer_feature.feature, layer_feature.path
  HAVING SUM(layer_feature.change) > 0
)`;

/**
 * The features that are installed at the layer that {@link CHAIN} starts from, each once, with the lowest layer that added one
 * of its paths. Most are added once, by a package manager, and never removed: only the others (`moved`) are grouped. The rows
 * of the chain are read once, by themselves: PostgreSQL would look for additions in all layers otherwise.
 */
export const INSTALLED: string = `difference (feature, path, change, origin_depth) AS MATERIALIZED (
  SELECT layer_feature.feature, layer_feature.path, layer_feature.change, layer_feature.origin_depth
  FROM chain CROSS JOIN layer_feature
  WHERE layer_feature.layer = chain.id
),
moved (feature) AS MATERIALIZED (SELECT feature FROM difference WHERE change = -1 OR path <> ''),
installed (feature, origin_depth) AS (
  SELECT feature, origin_depth FROM difference WHERE change = 1 AND feature NOT IN (SELECT feature FROM moved)
  UNION ALL
  SELECT feature, MIN(origin_depth)
  FROM (
    SELECT feature, MAX(CASE WHEN change = 1 THEN origin_depth END) AS origin_depth
    FROM difference
    WHERE feature IN (SELECT feature FROM moved)
    GROUP BY feature, path
    HAVING SUM(change) > 0
  ) AS located
  GROUP BY feature
)`;
