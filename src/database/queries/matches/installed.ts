/**
 * A layer and its ancestors. Takes one value: the id of the layer.
 */
export const CHAIN = `chain (id, parent) AS (
  SELECT id, parent FROM layer WHERE id = ?
  UNION ALL
  SELECT layer.id, layer.parent FROM chain CROSS JOIN layer WHERE layer.id = chain.parent
)`;

/**
 * The packages that are installed at the layer that {@link CHAIN} starts from, each with the depth of the layer that
 * brought it: the last addition counts, and a later one never has a smaller origin.
 *
 * CROSS JOIN states the order of the join (sqlite.org/lang_select.html, "special handling of CROSS JOIN"): left to
 * itself SQLite groups by package through the wrong index and reads the differences of every layer in the database.
 */
export const INSTALLED = `installed (package, origin_depth) AS (
  SELECT layer_package.package, MAX(CASE WHEN layer_package.change = 1 THEN layer_package.origin_depth END)
  FROM chain CROSS JOIN layer_package
  WHERE layer_package.layer = chain.id
  GROUP BY layer_package.package
  HAVING SUM(layer_package.change) > 0
)`;
