/**
 * Returns distinct names as the JSON list of a query. Omits names with U+0000, which no advisory has and PostgreSQL
 * rejects in JSON (postgresql.org/docs/current/datatype-json.html).
 */
export function nameList(names: readonly string[]): string {
  return JSON.stringify([...new Set(names)].filter((name) => !name.includes('\0')));
}
