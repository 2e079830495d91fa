/** A layer and its ancestors. Takes the id of the layer. */
export const CHAIN: string = `chain (id, parent) AS (
  SELECT id, parent FROM layer WHERE id = ?
  UNION ALL
  SELECT layer.id, layer.parent FROM chain CROSS JOIN layer WHERE layer.id = chain.parent
)`;

/**
 * The features installed at the layer where {@link CHAIN} starts, each with each of its paths and the depth of the
 * layer that added the feature at that path. The last addition is used: a later addition never has a smaller origin.
 *
 * CROSS JOIN fixes the order of the join (sqlite.org/lang_select.html, "special handling of CROSS JOIN"): otherwise
 * SQLite groups by feature through the wrong index and reads the differences of every layer in the database.
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
 * Defines three tables:
 *
 * - `difference` contains the features that the layers of {@link CHAIN} add and remove.
 * - `moved` contains the features that must be grouped to determine whether they are installed, because a layer removes
 *   them or they have paths.
 * - `moved_installed` contains the features of `moved` that are installed, each once, with the lowest layer that added
 *   one of its paths.
 *
 * A package manager adds most features once and never removes them: {@link addedOnce} finds these features.
 *
 * `difference` leaves materialization to the engine: PostgreSQL materializes a table that is used more than once, and
 * would otherwise look for additions in all layers; SQLite reads the rows in place, in half the time.
 */
export const DIFFERENCE: string = `difference (feature, path, change, origin_depth) AS (
  SELECT layer_feature.feature, layer_feature.path, layer_feature.change, layer_feature.origin_depth
  FROM chain CROSS JOIN layer_feature
  WHERE layer_feature.layer = chain.id
),
moved (feature) AS MATERIALIZED (SELECT feature FROM difference WHERE change = -1 OR path <> ''),
moved_installed (feature, origin_depth) AS (
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

/**
 * Returns the condition that a row of `difference` adds a feature that is not in `moved` ({@link DIFFERENCE}).
 *
 * @param feature the SQL of the feature's id; a column of the last table of a join delays the look-up until all other
 * conditions hold
 */
export function addedOnce(feature: string): string {
  return `difference.change = 1 AND ${feature} NOT IN (SELECT feature FROM moved)`;
}

/** The features installed at the layer where {@link CHAIN} starts, each once. */
export const INSTALLED: string = `${DIFFERENCE},
installed (feature, origin_depth) AS (
  SELECT difference.feature, difference.origin_depth FROM difference WHERE ${addedOnce('difference.feature')}
  UNION ALL
  SELECT feature, origin_depth FROM moved_installed
)`;
