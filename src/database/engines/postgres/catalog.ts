import type { ClientBase } from 'pg';

/** Metadata that queries need; shared by all clients. */
export type Catalog = {
  readonly typeOf: (table: string, column: string) => string;
  /** Returns a statement with PostgreSQL's placeholders, and its name for prepared statements. */
  readonly prepared: (statement: string) => { readonly text: string; readonly name: string };
};

/** Reads the type of each column; statements are translated and named on first use. */
export async function readCatalog(client: ClientBase): Promise<Catalog> {
  const { rows } = await client.query<{ name: string; type: string }>(SELECT_COLUMN_TYPES);
  const types = new Map(rows.map(({ name, type }) => [name, type]));
  const prepared = new Map<string, ReturnType<Catalog['prepared']>>();
  return {
    typeOf(table, column) {
      const type = types.get(`${table}.${column}`);
      if (type === undefined) throw new Error(`there is no column ${table}.${column}`);
      return type;
    },
    prepared(statement) {
      let found = prepared.get(statement);
      if (found === undefined) {
        found = { text: postgresStatement(statement), name: `clair_${prepared.size}` };
        prepared.set(statement, found);
      }
      return found;
    },
  };
}

const SELECT_COLUMN_TYPES = `
SELECT c.relname || '.' || a.attname AS name, format_type(a.atttypid, NULL) AS type
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped`;

/**
 * Translates an SQLite statement: each `?` becomes `$1`, `$2`, … (no statement contains `?` in a string).
 * `json_array` becomes `json_build_array`, because PostgreSQL reserves the name `json_array`, and `json_group_array`
 * becomes `json_agg`, whose time is linear. The first migration defines the other SQLite functions.
 */
function postgresStatement(statement: string): string {
  let count = 0;
  return statement
    .replaceAll('json_array(', 'json_build_array(')
    .replaceAll('json_group_array(', 'json_agg(')
    .replaceAll('?', () => `$${(count += 1)}`);
}
