/**
 * A table with the products of the repositories from which a layer of `CHAIN`, or a layer below it, was built. The
 * packages of a layer may be from any repository of the layers up to this layer. The table is separate, because
 * PostgreSQL would estimate the cost of a subquery once for each interval.
 */
export const PRODUCTS: string = `
product AS MATERIALIZED (
  SELECT DISTINCT layer.depth, repository_cpe.cpe
  FROM chain CROSS JOIN layer CROSS JOIN json_each(layer.content_sets) AS content_set CROSS JOIN repository_cpe
  WHERE layer.id = chain.id AND layer.content_sets <> '[]' AND repository_cpe.repository = content_set.value
)`;
