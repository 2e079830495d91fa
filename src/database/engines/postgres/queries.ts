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
import type { Session, TransactionSession } from './transactions/session.ts';
import { columnsOf, listOf, type Rows } from './row-lists.ts';
import { storableValue } from './values.ts';

/** Returns the engine-independent queries for PostgreSQL. */
export function postgresQueries(session: Session, catalog: Catalog): Queries {
  const write: TransactionSession['write'] = async (use) => void (await session(use));
  return queriesOn({ ask: session, write, isPipelined: false }, catalog);
}

function queriesOn(session: TransactionSession, catalog: Catalog): Queries {
  const result = async <Row extends QueryResultRow>(
    client: ClientBase,
    statement: string,
    values: readonly SqlValue[],
  ): Promise<QueryResult<Row>> =>
    await client.query<Row>({ ...catalog.prepared(statement), values: values.map(storableValue) });
  const ask = async <Row extends QueryResultRow>(
    statement: string,
    values: readonly SqlValue[],
  ): Promise<QueryResult<Row>> => await session.ask((client) => result<Row>(client, statement, values));
  /** Only rows of one statement are written without waiting, because all their statements must be sent in order. */
  const writeRows = async (rows: Rows, use: (client: ClientBase) => Promise<void>): Promise<void> =>
    await (rows.length <= ROWS_PER_STATEMENT ? session.write(use) : session.ask(use));
  return {
    mayLoseCommits: true,
    all: async <Row>(statement: string, values: readonly SqlValue[] = []) =>
      (await ask<Row & QueryResultRow>(statement, values)).rows,
    get: async <Row>(statement: string, values: readonly SqlValue[] = []) =>
      (await ask<Row & QueryResultRow>(statement, values)).rows[0],
    run: async (statement, values = []) => (await ask(statement, values)).rowCount ?? 0,
    write: (statement, values = []) => session.write((client) => result(client, statement, values)),
    insertMany: (target, rows) =>
      writeRows(rows, (client) => insertRows(client, catalog, target, rows, !session.isPipelined)),
    updateMany: (target, rows) => writeRows(rows, (client) => updateRows(client, catalog, target, rows)),
    deleteMany: (target, keys) => writeRows(keys, (client) => deleteRows(client, catalog, target, keys)),
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

/** The number of rows from which a COPY is faster than an INSERT. */
const MIN_ROWS_TO_COPY = 20;

async function insertRows(
  client: ClientBase,
  catalog: Catalog,
  target: InsertTarget,
  rows: Rows,
  mayCopy = true,
): Promise<void> {
  if (rows.length === 0) return;
  if (mayCopy && target.skipExisting !== true && rows.length >= MIN_ROWS_TO_COPY) {
    return await copyRows(client, target, rows);
  }
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
  await insertRows(client, catalog, parts.target, belonging);
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
