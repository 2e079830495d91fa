import { isAmong } from '../membership.ts';

/** A layer and its ancestors. Parameter: the id of the layer. */
export const CHAIN: string = `chain (id, parent) AS (
  SELECT id, parent FROM layer WHERE id = ?
  UNION ALL
  SELECT layer.id, layer.parent FROM chain CROSS JOIN layer WHERE layer.id = chain.parent
)`;

/**
 * The features installed at the layer where {@link CHAIN} starts, with one row for each path and the depth of the layer
 * that added the feature at this path. If several layers added the feature, the depth is from the last addition,
 * because a later addition never has a smaller depth.
 *
 * CROSS JOIN fixes the order of the join (sqlite.org/lang_select.html, "special handling of CROSS JOIN"). Otherwise,
 * SQLite uses the index on features to group the rows, and reads the differences of every layer in the database.
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
 * The features that the layers of {@link CHAIN} add and remove. The engine decides whether to materialize the table.
 * PostgreSQL materializes a table that is used more than once, and would otherwise look for additions in all layers.
 * SQLite does not materialize the table, because a materialized table would take twice as long.
 */
export const DIFFERENCE: string = `difference (feature, path, change, origin_depth) AS (
  SELECT layer_feature.feature, layer_feature.path, layer_feature.change, layer_feature.origin_depth
  FROM chain CROSS JOIN layer_feature
  WHERE layer_feature.layer = chain.id
)`;

/**
 * The features whose rows the query must group to determine whether the feature is installed: a layer removes the
 * feature, or the feature has paths. Most features are packages of a package manager, which one layer adds and no layer
 * removes.
 */
const MOVED = "SELECT feature FROM difference WHERE change = -1 OR path <> ''";

/**
 * The installed features of {@link MOVED}, with one row for each path and the depth of the layer that added the feature
 * at this path.
 */
const MOVED_PATHS = `
    SELECT feature, path, MAX(CASE WHEN change = 1 THEN origin_depth END) AS origin_depth
    FROM difference
    WHERE ${isAmong('feature', MOVED)}
    GROUP BY feature, path
    HAVING SUM(change) > 0`;

/**
 * Returns the condition that a row of {@link DIFFERENCE} represents an installed feature. Of the rows of a feature with
 * several paths, only the row of the lowest layer that added one of the paths meets the condition. The same row may
 * occur twice if a layer reverts a change of the namespace.
 *
 * @param feature an SQL expression for the feature's id; if it is a column of the last table of a join, the lookup
 * happens only after all other conditions are met
 */
export function isInstalled(feature: string): string {
  // A library may have thousands of paths, so the query checks rows with paths before it reads their ranges. PostgreSQL
  // estimates that few rows meet a CASE, and then uses indexes for the rest of the query.
  return `difference.change = 1
    AND CASE WHEN difference.path = '' THEN 1 WHEN ${isPlaced('difference.feature')} THEN 1 ELSE 0 END = 1
    AND CASE
      WHEN difference.path <> '' THEN 1
      WHEN NOT EXISTS (${MOVED}) THEN 1
      WHEN ${feature} NOT IN (${MOVED}) THEN 1
      WHEN ${isPlaced(feature)} THEN 1
      ELSE 0
    END = 1`;
}

/** Returns the condition that a row of {@link DIFFERENCE} is the lowest addition of an installed feature. */
function isPlaced(feature: string): string {
  return `(${feature}, difference.path, difference.origin_depth) IN (
      SELECT feature, path, origin_depth
      FROM (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY feature ORDER BY origin_depth, path) AS place
        FROM (${MOVED_PATHS}) AS located
      ) AS placed
      WHERE place = 1
    )`;
}

/** The features installed at the layer where {@link CHAIN} starts, each once. */
export const INSTALLED: string = `${DIFFERENCE},
moved (feature) AS MATERIALIZED (${MOVED}),
installed (feature, origin_depth) AS (
  SELECT feature, origin_depth FROM difference WHERE change = 1 AND feature NOT IN (SELECT feature FROM moved)
  UNION ALL
  SELECT feature, MIN(origin_depth) FROM (${MOVED_PATHS}) AS located GROUP BY feature
)`;
