/**
 * Returns distinct names as the JSON list of a query, without names that contain U+0000: no advisory has such a name,
 * and PostgreSQL rejects it in JSON (postgresql.org/docs/current/datatype-json.html).
 */
export function nameList(names: readonly string[]): string {
  return JSON.stringify([...new Set(names)].filter((name) => !name.includes('\0')));
}
