/**
 * Returns a condition that a value is in the result of a query, and that no engine converts to a join. PostgreSQL looks
 * up the value in a hash table; a join would compare each value with each row, because hash joins are disabled.
 * PostgreSQL estimates that half of the rows meet this condition, so no plan starts from it.
 *
 * @param value the SQL of a value, or of a row in parentheses
 */
export function isAmong(value: string, query: string): string {
  return `(${value} IN (${query})) IS TRUE`;
}
