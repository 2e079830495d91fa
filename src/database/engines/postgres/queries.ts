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
import type { Catalog } from './catalog.ts';
import { copyRows } from './copy.ts';
import { createPendingRows } from './transactions/pending-rows.ts';
import { type Session, type TransactionSession, unpipelined } from './transactions/session.ts';
import { columnsOf, listOf, parametersOf, type Rows, valuesOf } from './row-lists.ts';
import { storableValue } from './values.ts';

/** Returns the engine-independent queries for PostgreSQL. */
export function postgresQueries(session: Session, catalog: Catalog): Queries {
  return queriesOn(unpipelined(session), catalog);
}

function queriesOn(session: TransactionSession, catalog: Catalog): Queries {
  const querying =
    <Row extends QueryResultRow>(statement: string, values: readonly SqlValue[]) =>
    (client: ClientBase): Promise<QueryResult<Row>> =>
      client.query<Row>({ ...catalog.prepared(statement), values: values.map(storableValue) });
  const read = async <Row>(statement: string, values: readonly SqlValue[]): Promise<Row[]> => {
    const isRead = /^\s*SELECT\b/.test(statement);
    return (await session.ask(querying<Row & QueryResultRow>(statement, values), isRead)).rows;
  };
  return {
    mayLoseCommits: true,
    all: async (statement, values = []) => await read(statement, values),
    get: async <Row>(statement: string, values: readonly SqlValue[] = []) => (await read<Row>(statement, values))[0],
    run: async (statement, values = []) => (await session.ask(querying(statement, values))).rowCount ?? 0,
    write: (statement, values = []) => session.write(querying(statement, values)),
    insertMany: (target, rows) => insertRows(session, catalog, target, rows),
    updateMany: (target, rows) => updateRows(session, catalog, target, rows),
    deleteMany: (target, keys) => deleteRows(session, catalog, target, keys),
  };
}

/**
 * Runs work on another connection. Commits the work as one transaction or, if it is not atomic, each statement
 * separately.
 */
export type Aside = <T>(
  work: (client: ClientBase) => Promise<T>,
  options: { readonly isAtomic: boolean },
) => Promise<T>;

/** Returns the queries of a transaction. `aside` publishes the rows of `ensureMany` before the transaction ends. */
export function transactionQueries(
  session: TransactionSession,
  catalog: Catalog,
  aside: Aside,
): TransactionQueries & { readonly writePending: () => Promise<void> } {
  const queries = queriesOn(session, catalog);
  const pending = createPendingRows(session, catalog);
  const find = (target: Pick<KeyedTarget, 'table' | 'key'>, rows: Rows): Promise<(number | undefined)[]> =>
    session.ask((client) => findIds(client, catalog, target, rows, 'FOR KEY SHARE'));

  return {
    ...queries,
    insertMany: (target, rows) =>
      target.inOrderOfCommit === true ? pending.add(target, rows) : queries.insertMany(target, rows),
    async ensureMany(target, rows) {
      // Retry, because housekeeping may remove unused rows before they are locked.
      for (let attempt = 1; attempt <= ENSURE_ATTEMPTS; attempt += 1) {
        const ids = await find(target, rows);
        const missing = rows.flatMap((row, place) => (ids[place] === undefined ? [{ row, place }] : []));
        if (missing.length === 0) return ids.map(existing);
        await aside((other) => makeRows(other, catalog, target, missing), { isAtomic: target.parts !== undefined });
      }
      throw new Error(`rows of ${target.table} are removed each time they are inserted`);
    },
    findMany: find,
    async insertSelected(target, statement, values = []) {
      const table = target.inOrderOfCommit === true ? await pending.tableOf(target) : target.table;
      // Not a prepared statement, because each transaction has another temporary table.
      const { text } = catalog.prepared(`INSERT INTO ${table} (${target.columns.join(', ')}) ${statement}`);
      const { rowCount } = await session.ask((client) => client.query({ text, values: values.map(storableValue) }));
      return rowCount ?? 0;
    },
    async newIds(table, count) {
      if (count === 0) return [];
      const rows = await queries.all<{ id: number }>(NEXT_IDS, [table, count]);
      return rows.map(({ id }) => id);
    },
    async lockUnused(table, ids) {
      const statement = `SELECT id FROM ${table} WHERE id = ANY (?) ORDER BY id FOR UPDATE SKIP LOCKED`;
      const { text, name } = catalog.prepared(statement);
      const { rows } = await session.ask((client) => client.query<{ id: number }>({ text, name, values: [ids] }));
      return rows.map(({ id }) => id);
    },
    async skipIds(table) {
      await session.ask((client) =>
        client.query(`SELECT setval(pg_get_serial_sequence('${table}', 'id'), MAX(id)) FROM ${table}`),
      );
    },
    writePending: pending.write,
  };
}

/** The number of rows per statement. A larger number is no faster, and needs more memory in Clair and on the server. */
const ROWS_PER_STATEMENT = 5000;

/**
 * The maximum number of attempts. An attempt fails if other transactions remove the rows before this transaction locks
 * them.
 */
const ENSURE_ATTEMPTS = 5;

/** The maximum number of inserted rows whose values are parameters of their own, because lists take twice as long. */
const MAX_ROWS_WITHOUT_LIST = 4;

/** The number of rows from which a COPY is faster than an INSERT. */
const MIN_ROWS_TO_COPY = 20;

async function insertRows(
  session: TransactionSession,
  catalog: Catalog,
  target: InsertTarget,
  rows: Rows,
): Promise<void> {
  if (rows.length === 0) return;
  const { table, columns, skipExisting = false } = target;
  if (!session.isPipelined && !skipExisting && rows.length >= MIN_ROWS_TO_COPY) {
    return await session.ask((client) => copyRows(client, target, rows));
  }
  const list = columns.join(', ');
  const conflict = skipExisting ? ' ON CONFLICT DO NOTHING' : '';
  if (rows.length <= MAX_ROWS_WITHOUT_LIST) {
    const row = `(${parametersOf(catalog, table, columns)})`;
    const all = `INSERT INTO ${table} (${list}) VALUES ${rows.map(() => row).join(', ')}${conflict}`;
    const values = rows.flatMap((each) => valuesOf(each, columns.length));
    return await session.write((client) => client.query({ ...catalog.prepared(all), values }));
  }
  const statement = `INSERT INTO ${table} (${list}) SELECT ${list} FROM ${listOf(catalog, table, columns)}
ORDER BY place${conflict}`;
  await writeSlices(session, catalog.prepared(statement), rows, columns.length);
}

async function updateRows(
  session: TransactionSession,
  catalog: Catalog,
  { table, key, columns }: UpdateTarget,
  rows: Rows,
): Promise<void> {
  const named = [...key, ...columns];
  const values = columns.map((column) => `${column} = wanted.${column}`).join(', ');
  const statement = `UPDATE ${table} SET ${values} FROM ${listOf(catalog, table, named)} WHERE ${hasKey(table, key)}`;
  await writeSlices(session, catalog.prepared(statement), rows, named.length);
}

async function deleteRows(
  session: TransactionSession,
  catalog: Catalog,
  { table, key }: DeleteTarget,
  keys: Rows,
): Promise<void> {
  const statement = `DELETE FROM ${table} USING ${listOf(catalog, table, key)} WHERE ${hasKey(table, key)}`;
  await writeSlices(session, catalog.prepared(statement), keys, key.length);
}

/** Runs a statement with lists of `count` columns, once for each slice of the rows. */
async function writeSlices(
  { write }: TransactionSession,
  prepared: ReturnType<Catalog['prepared']>,
  rows: Rows,
  count: number,
): Promise<void> {
  for (const slice of slicesOf(rows)) {
    await write((client) => client.query({ ...prepared, values: columnsOf(slice, count) }));
  }
}

function hasKey(table: string, key: readonly string[]): string {
  return key.map((column) => `${table}.${column} = wanted.${column}`).join(' AND ');
}

/** Returns the ids in the order of `rows`. */
async function findIds(
  client: ClientBase,
  catalog: Catalog,
  { table, key }: Pick<KeyedTarget, 'table' | 'key'>,
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

/** Inserts missing rows; another transaction may insert the same rows at the same time. */
async function makeRows(
  client: ClientBase,
  catalog: Catalog,
  target: KeyedTarget,
  missing: readonly { readonly row: readonly SqlValue[]; readonly place: number }[],
): Promise<number[]> {
  const { table, key, parts } = target;
  const columns = [...key, ...target.columns];
  const list = columns.join(', ');
  // The same order in all transactions prevents deadlocks.
  const statement = `INSERT INTO ${table} (${list}) SELECT ${list} FROM ${listOf(catalog, table, columns)}
ORDER BY ${key.join(', ')} ON CONFLICT (${key.join(', ')}) DO NOTHING RETURNING id`;
  const rows = missing.map(({ row }) => row);
  const made = new Set<number>();
  for (const slice of slicesOf(rows)) {
    const values = columnsOf(slice, columns.length);
    const inserted = await client.query<{ id: number }>({ ...catalog.prepared(statement), values });
    for (const { id } of inserted.rows) made.add(id);
  }
  const isOne = rows.length === 1 && made.size === 1;
  const ids = isOne ? [...made] : (await findIds(client, catalog, target, rows)).map(existing);
  if (parts === undefined) return ids;
  const belonging = ids.flatMap((id, at) => (made.delete(id) ? parts.of(id, missing[at]?.place ?? 0) : []));
  await insertRows(
    unpipelined((use) => use(client)),
    catalog,
    parts.target,
    belonging,
  );
  return ids;
}

function existing(id: number | undefined): number {
  if (id === undefined) throw new Error('an inserted row is missing');
  return id;
}

function* slicesOf(rows: Rows): Generator<Rows> {
  for (let start = 0; start < rows.length; start += ROWS_PER_STATEMENT) {
    yield rows.slice(start, start + ROWS_PER_STATEMENT);
  }
}

const NEXT_IDS = "SELECT nextval(pg_get_serial_sequence(?, 'id')) AS id FROM generate_series(1, ?)";
