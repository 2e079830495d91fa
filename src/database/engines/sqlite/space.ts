import type { Queries, Space } from '../engine.ts';

/** Returns the size of an SQLite database without its write-ahead log (sqlite.org/pragma.html). */
export async function sqliteSpace(queries: Queries): Promise<Space> {
  const space = await queries.get<Space>(SELECT_SPACE);
  if (space === undefined) throw new Error('the query for the database size returned no row');
  return space;
}

/** Returns the size of a table with its indexes, in bytes; visits all its pages (sqlite.org/dbstat.html). */
export async function sqliteBytesOf(queries: Queries, table: string): Promise<number> {
  return (await queries.get<{ bytes: number | null }>(SUM_PAGES, [table]))?.bytes ?? 0;
}

const SELECT_SPACE = `
SELECT page_count * page_size AS total, freelist_count * page_size AS free
FROM pragma_page_count CROSS JOIN pragma_freelist_count CROSS JOIN pragma_page_size`;

const SUM_PAGES = `
SELECT SUM(dbstat.pgsize) AS bytes
FROM sqlite_schema CROSS JOIN dbstat
WHERE sqlite_schema.tbl_name = ? AND dbstat.name = sqlite_schema.name AND dbstat.aggregate = TRUE`;
