import type { ClientBase } from 'pg';

/**
 * Runs `load` while the given tables have no keys, indexes and foreign keys, and then creates them as before: one look-up
 * for each foreign key and one write to each index for each row would take most of the time of a load. At the end,
 * vacuums the tables, so that queries read indexes alone.
 */
export async function loadWithoutIndexes<T>(
  client: ClientBase,
  tables: readonly string[],
  load: () => Promise<T>,
): Promise<T> {
  const indexes = await objectsOf(client, SELECT_INDEXES, tables);
  const constraints = await objectsOf(client, SELECT_CONSTRAINTS, tables);
  for (const { drop } of [...indexes, ...constraints.toReversed()]) await client.query(drop);
  const result = await load();
  for (const { create } of [...indexes, ...constraints]) await client.query(create);
  for (const table of tables) await client.query(`VACUUM ${table}`);
  await client.query('ANALYZE');
  return result;
}

/** The statements that drop an index or a constraint, and create it again. */
type Dropped = { readonly drop: string; readonly create: string };

async function objectsOf(
  client: ClientBase,
  statement: string,
  tables: readonly string[],
): Promise<readonly Dropped[]> {
  return (await client.query<Dropped>(statement, [tables])).rows;
}

/** The indexes that belong to no constraint. Parameter: the tables. */
const SELECT_INDEXES = `
SELECT 'DROP INDEX ' || indexrelid::regclass AS drop, replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON ') AS create
FROM pg_index
WHERE indrelid = ANY ($1::text[]::regclass[])
  AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u'))`;

/** The keys, then the foreign keys from and to the tables, which need the keys. Parameter: the tables. */
const SELECT_CONSTRAINTS = `
SELECT
  format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS drop,
  format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS create
FROM pg_constraint
WHERE contype IN ('p', 'u', 'f')
  -- Partitions have the constraints of their table.
  AND conparentid = 0
  AND (conrelid = ANY ($1::text[]::regclass[]) OR confrelid = ANY ($1::text[]::regclass[]))
ORDER BY contype = 'f', conname`;
