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
 * What the layers of {@link CHAIN} add and remove (`difference`); the features that have to be grouped to know whether they are
 * installed, because a layer removes them or because they lie at paths (`moved`); and those of them that are installed, each
 * once, with the lowest layer that added one of its paths (`moved_installed`). Most features are added once, by a package manager, and
 * never removed: {@link addedOnce} finds those.
 *
 * `difference` does not say whether it is materialized: PostgreSQL does that with what is used more than once, and would look for
 * additions in all layers otherwise; SQLite reads the rows in place, which takes half the time.
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
 * The condition that a row of `difference` adds a feature that does not move ({@link DIFFERENCE}).
 *
 * @param feature the SQL of the feature's id; a column of the last table of a join delays the look-up until all else holds
 */
export function addedOnce(feature: string): string {
  return `difference.change = 1 AND ${feature} NOT IN (SELECT feature FROM moved)`;
}

/** The features that are installed at the layer that {@link CHAIN} starts from, each once. */
export const INSTALLED: string = `${DIFFERENCE},
installed (feature, origin_depth) AS (
  SELECT difference.feature, difference.origin_depth FROM difference WHERE ${addedOnce('difference.feature')}
  UNION ALL
  SELECT feature, origin_depth FROM moved_installed
)`;
