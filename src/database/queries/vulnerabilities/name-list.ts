/**
 * Returns names of vulnerabilities as the JSON list that a query takes, each once. One with U+0000 is left out: no advisory has it,
 * and PostgreSQL refuses JSON with it (postgresql.org/docs/current/datatype-json.html).
 */
export function nameList(names: readonly string[]): string {
  return JSON.stringify([...new Set(names)].filter((name) => !name.includes('\0')));
}
