import type { ClientBase } from 'pg';
import type { Queries, Space } from '../engine.ts';
import { TABLES } from '../../queries/tables.ts';

/**
 * Returns the size of the schema's tables with their indexes. `free` is absent, because only a full read of the tables
 * would show the free space (postgresql.org/docs/current/pgstattuple.html).
 */
export async function postgresSpace(queries: Queries): Promise<Space> {
  const space = await queries.get<Space>(SELECT_SPACE);
  if (space === undefined) throw new Error('selecting a sum returned no row');
  return space;
}

/** Returns the size of a table with its indexes and TOAST data, in bytes. */
export async function postgresBytesOf(queries: Queries, table: string): Promise<number> {
  return (await queries.get<{ bytes: number }>(SELECT_BYTES, [table]))?.bytes ?? 0;
}

/**
 * Frees the space of deleted rows and returns the empty end of each table to the disk. VACUUM FULL is not used, because
 * it would lock the tables (postgresql.org/docs/current/sql-vacuum.html).
 */
export async function vacuumPostgres(client: ClientBase): Promise<void> {
  for (const { name } of TABLES) await client.query(`VACUUM ${name}`);
}

const SELECT_SPACE = `
SELECT COALESCE(SUM(pg_total_relation_size(oid)), 0)::bigint AS total
FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'`;

/** A table with partitions has no bytes of its own. */
const SELECT_BYTES = `
SELECT (pg_total_relation_size(named.oid) + COALESCE(SUM(pg_total_relation_size(inhrelid)), 0))::bigint AS bytes
FROM (SELECT ?::text::regclass::oid AS oid) AS named LEFT JOIN pg_inherits ON inhparent = named.oid
GROUP BY named.oid`;
