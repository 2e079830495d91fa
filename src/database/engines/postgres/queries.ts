import type { ClientBase, QueryResult, QueryResultRow } from 'pg';
import type {
  DeleteTarget,
  InsertTarget,
  KeyedTarget,
  Queries,
  SqlValue,
  TransactionQueries,
  UpdateTarget,
} from '../engine.ts';
import { copyRows } from './copy.ts';
import { storableValue } from './values.ts';

/** Runs something on a client: on the one of a transaction, or on any that is free. */
export type Session = <T>(use: (client: ClientBase) => Promise<T>) => Promise<T>;

/** What queries need to know of their database; one for all clients. */
export type Catalog = {
  /** The type of a column, such as `bigint`. */
  readonly typeOf: (table: string, column: string) => string;
  /** A statement in PostgreSQL's notation, and a name for it, by which clients remember its plan. */
  readonly prepared: (statement: string) => { readonly text: string; readonly name: string };
};

/** Queries that see no more of PostgreSQL's own than the engine asks for. */
export function postgresQueries(session: Session, catalog: Catalog): Queries {
  const ask = async <Row extends QueryResultRow>(
    statement: string,
    values: readonly SqlValue[],
  ): Promise<QueryResult<Row>> =>
    await session((client) => client.query<Row>({ ...catalog.prepared(statement), values: values.map(storableValue) }));
  return {
    all: async <Row>(statement: string, values: readonly SqlValue[] = []) =>
      (await ask<Row & QueryResultRow>(statement, values)).rows,
    get: async <Row>(statement: string, values: readonly SqlValue[] = []) =>
      (await ask<Row & QueryResultRow>(statement, values)).rows[0],
    run: async (statement, values = []) => (await ask(statement, values)).rowCount ?? 0,
    insertMany: (target, rows) => session((client) => insertRows(client, catalog, target, rows)),
    updateMany: (target, rows) => session((client) => updateRows(client, catalog, target, rows)),
    deleteMany: (target, keys) => session((client) => deleteRows(client, catalog, target, keys)),
  };
}

/**
 * The queries of one transaction.
 *
 * @param aside runs something in a transaction of its own, which is committed when it returns
 */
export function transactionQueries(
  client: ClientBase,
  catalog: Catalog,
  aside: <T>(work: (client: ClientBase) => Promise<T>) => Promise<T>,
): TransactionQueries & { readonly writePending: () => Promise<void> } {
  const queries = postgresQueries((use) => use(client), catalog);
  const pending = new Map<string, Set<string>>();

  return {
    ...queries,
    async insertMany(target, rows) {
      if (target.inOrderOfCommit !== true || rows.length === 0) return await queries.insertMany(target, rows);
      const { table, columns } = target;
      if (!pending.has(table)) await client.query(createPending(table));
      pending.set(table, new Set([...(pending.get(table) ?? []), ...columns]));
      await copyRows(client, { table: `pending_${table}`, columns }, rows);
    },
    async ensureMany(target, rows) {
      // Whoever removes what nobody uses may do so until the rows are locked: then they are made again.
      for (let attempt = 1; attempt <= ENSURE_ATTEMPTS; attempt += 1) {
        const ids = await findIds(client, catalog, target, rows, 'FOR KEY SHARE');
        const missing = rows.flatMap((row, place) => (ids[place] === undefined ? [{ row, place }] : []));
        if (missing.length === 0) return ids.map(existing);
        await aside((other) => makeRows(other, catalog, target, missing));
      }
      throw new Error(`rows of ${target.table} vanish whenever they are made`);
    },
    async newIds(table, count) {
      if (count === 0) return [];
      const rows = await queries.all<{ id: number }>(NEXT_IDS, [table, count]);
      return rows.map(({ id }) => id);
    },
    async lockUnused(table, ids) {
      const statement = `SELECT id FROM ${table} WHERE id = ANY (?) ORDER BY id FOR UPDATE SKIP LOCKED`;
      const { text, name } = catalog.prepared(statement);
      const { rows } = await client.query<{ id: number }>({ text, name, values: [ids] });
      return rows.map(({ id }) => id);
    },
    async skipIds(table) {
      await client.query(`SELECT setval(pg_get_serial_sequence('${table}', 'id'), MAX(id)) FROM ${table}`);
    },
    /**
     * To be called right before the commit: nobody else numbers rows of the same tables from here on until it is done.
     * Ids are given by a sequence, which knows nothing of commits.
     */
    async writePending() {
      for (const [table, columns] of pending) {
        const list = [...columns].join(', ');
        await lockAlone(client, `rows of ${table}`);
        await client.query(`INSERT INTO ${table} (${list}) SELECT ${list} FROM pending_${table} ORDER BY id`);
      }
    },
  };
}

/** Waits, in a transaction and until its end, for everybody else who holds the same name in the same schema. */
export async function lockAlone(client: ClientBase, name: string): Promise<void> {
  await client.query("SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || ' ' || $1, 0))", [
    storableValue(name),
  ]);
}

/** With more of them nothing more is gained, and a statement has to be held in memory on both sides. */
const ROWS_PER_STATEMENT = 5000;

/** How often rows are made that somebody else removes each time, before they are used. */
const ENSURE_ATTEMPTS = 5;

/** With fewer rows a COPY costs more than it saves. */
const MIN_ROWS_TO_COPY = 20;

type Rows = readonly (readonly SqlValue[])[];

async function insertRows(client: ClientBase, catalog: Catalog, target: InsertTarget, rows: Rows): Promise<void> {
  if (rows.length === 0) return;
  if (target.skipExisting !== true && rows.length >= MIN_ROWS_TO_COPY) return await copyRows(client, target, rows);
  const { table, columns, skipExisting = false } = target;
  const list = columns.join(', ');
  const statement = `INSERT INTO ${table} (${list}) SELECT ${list} FROM ${listOf(catalog, table, columns)}
ORDER BY place${skipExisting ? ' ON CONFLICT DO NOTHING' : ''}`;
  for (const slice of slicesOf(rows)) {
    await client.query({ ...catalog.prepared(statement), values: columnsOf(slice, columns.length) });
  }
}

async function updateRows(client: ClientBase, catalog: Catalog, target: UpdateTarget, rows: Rows): Promise<void> {
  const { table, key, columns } = target;
  const named = [...key, ...columns];
  const values = columns.map((column) => `${column} = wanted.${column}`).join(', ');
  const statement = `UPDATE ${table} SET ${values} FROM ${listOf(catalog, table, named)} WHERE ${hasKey(table, key)}`;
  for (const slice of slicesOf(rows)) {
    await client.query({ ...catalog.prepared(statement), values: columnsOf(slice, named.length) });
  }
}

async function deleteRows(client: ClientBase, catalog: Catalog, target: DeleteTarget, keys: Rows): Promise<void> {
  const { table, key } = target;
  const statement = `DELETE FROM ${table} USING ${listOf(catalog, table, key)} WHERE ${hasKey(table, key)}`;
  for (const slice of slicesOf(keys)) {
    await client.query({ ...catalog.prepared(statement), values: columnsOf(slice, key.length) });
  }
}

function hasKey(table: string, key: readonly string[]): string {
  return key.map((column) => `${table}.${column} = wanted.${column}`).join(' AND ');
}

/** The ids of the rows that are there, in the places of those that are looked for. */
async function findIds(
  client: ClientBase,
  catalog: Catalog,
  { table, key }: KeyedTarget,
  rows: Rows,
  lock: '' | 'FOR KEY SHARE' = '',
): Promise<(number | undefined)[]> {
  const ids: (number | undefined)[] = rows.map(() => undefined);
  const statement = `SELECT wanted.place, ${table}.id
FROM ${listOf(catalog, table, key)} CROSS JOIN ${table} WHERE ${hasKey(table, key)}${lock === '' ? '' : ` ${lock} OF ${table}`}`;
  let start = 0;
  for (const slice of slicesOf(rows)) {
    const values = columnsOf(slice, key.length);
    const { rows: found } = await client.query<{ place: number; id: number }>({
      ...catalog.prepared(statement),
      values,
    });
    for (const { place, id } of found) ids[start + place - 1] = id;
    start += slice.length;
  }
  return ids;
}

/** Makes rows that were not there a moment ago; somebody else may have made them meanwhile. Gives all their ids. */
async function makeRows(
  client: ClientBase,
  catalog: Catalog,
  target: KeyedTarget,
  missing: readonly { readonly row: readonly SqlValue[]; readonly place: number }[],
): Promise<number[]> {
  const { table, key, parts } = target;
  const columns = [...key, ...target.columns];
  const list = columns.join(', ');
  // In one order, whoever inserts: otherwise two would wait for each other.
  const statement = `INSERT INTO ${table} (${list}) SELECT ${list} FROM ${listOf(catalog, table, columns)}
ORDER BY ${key.join(', ')} ON CONFLICT (${key.join(', ')}) DO NOTHING RETURNING id`;
  const rows = missing.map(({ row }) => row);
  const made = new Set<number>();
  for (const slice of slicesOf(rows)) {
    const values = columnsOf(slice, columns.length);
    const inserted = await client.query<{ id: number }>({ ...catalog.prepared(statement), values });
    for (const { id } of inserted.rows) made.add(id);
  }
  const ids = (await findIds(client, catalog, target, rows)).map(existing);
  if (parts === undefined) return ids;
  const belonging = ids.flatMap((id, at) => (made.delete(id) ? parts.of(id, missing[at]?.place ?? 0) : []));
  await insertRows(client, catalog, parts.target, belonging);
  return ids;
}

function existing(id: number | undefined): number {
  if (id === undefined) throw new Error('a row that was made is not there');
  return id;
}

/** A list of rows, which {@link columnsOf} gives the values of; `place` counts them from 1. */
function listOf(catalog: Catalog, table: string, columns: readonly string[]): string {
  const types = columns.map((column) => `?::${catalog.typeOf(table, column)}[]`);
  return `unnest(${types.join(', ')}) WITH ORDINALITY AS wanted (${columns.join(', ')}, place)`;
}

function columnsOf(rows: Rows, count: number): SqlValue[][] {
  return Array.from({ length: count }, (_, column) => rows.map((row) => storableValue(row[column] ?? null)));
}

function* slicesOf(rows: Rows): Generator<Rows> {
  for (let start = 0; start < rows.length; start += ROWS_PER_STATEMENT) {
    yield rows.slice(start, start + ROWS_PER_STATEMENT);
  }
}

const NEXT_IDS = "SELECT nextval(pg_get_serial_sequence(?, 'id')) AS id FROM generate_series(1, ?)";

function createPending(table: string): string {
  return `CREATE TEMPORARY TABLE pending_${table} (LIKE ${table} INCLUDING IDENTITY INCLUDING DEFAULTS) ON COMMIT DROP`;
}
