import type { ClientBase } from 'pg';
import type { Queries, Space } from '../engine.ts';
import { TABLES } from '../../queries/tables.ts';

/**
 * What the tables of a schema take, with their indexes; a database may hold more than Clair's. What of it waits for new rows
 * only reading all of it would tell (postgresql.org/docs/current/functions-admin.html, pgstattuple).
 */
export async function postgresSpace(queries: Queries): Promise<Space> {
  const space = await queries.get<Space>(SELECT_SPACE);
  if (space === undefined) throw new Error('a select of a sum gave no row');
  return space;
}

/** What a table takes with its indexes and long values, in bytes. */
export async function postgresBytesOf(queries: Queries, table: string): Promise<number> {
  return (await queries.get<{ bytes: number }>(SELECT_BYTES, [table]))?.bytes ?? 0;
}

/**
 * Frees what deleted rows held, and gives the end of each table back to the disk where it is empty. Not VACUUM FULL, for
 * which everybody would have to wait (postgresql.org/docs/current/sql-vacuum.html).
 */
export async function vacuumPostgres(client: ClientBase): Promise<void> {
  for (const { name } of TABLES) await client.query(`VACUUM ${name}`);
}

const SELECT_SPACE = `
SELECT COALESCE(SUM(pg_total_relation_size(oid)), 0)::bigint AS total
FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'`;

const SELECT_BYTES = 'SELECT pg_total_relation_size(?::text::regclass) AS bytes';
