import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { ClairError } from '../errors.ts';
import type {
  DatabaseClock,
  DeleteTarget,
  Engine,
  InsertTarget,
  KeyedTarget,
  Queries,
  SqlValue,
  TransactionQueries,
  UpdateTarget,
} from './engine.ts';
import { migrationsOf, pendingMigrations, type SchemaChange, schemaChangeOf } from './migrations.ts';
import { sqliteFileCheck } from './sqlite-file.ts';
import { sqliteBytesOf, sqliteSpace } from './sqlite-space.ts';

/** How long a transaction waits for whoever else writes to the same file, another process or another engine. */
const BUSY_TIMEOUT_MS = 60_000;

/** How long one attempt waits inside of SQLite, where it holds up everything else in this process. */
const BUSY_ATTEMPT_MS = 5;

/** The pause between two attempts. */
const BUSY_PAUSE_MS = 20;

/** Rows that are inserted by one statement; with more of them nothing more is gained. */
const ROWS_PER_STATEMENT = 50;

/** How long rows are written before other work of the thread gets its turn. */
const TURN_MS = 10;

/** Pages kept in memory by each connection; a negative number is in KiB (sqlite.org/pragma.html#pragma_cache_size). */
const CACHE_SIZE_KIB = 64 * 1024;

/**
 * Opens the embedded database in the file at `path`, or in memory when there is none, and brings its schema up to date.
 *
 * A file has two connections in WAL mode: one writes, one transaction at a time, and the other one reads the last
 * committed state meanwhile. A database in memory has only one, so its reads wait for the transaction under way.
 *
 * @throws ClairError `database/unavailable` when the file cannot be opened or is no database,
 * `database/newer-schema` when a later release wrote it.
 */
export async function openSqlite(path?: string): Promise<Engine> {
  return await explained(path, async () => {
    if (path !== undefined) mkdirSync(dirname(path), { recursive: true });
    const writer = await whileBusy(() => connect(path ?? ':memory:'));
    try {
      const schema = await whileBusy(() => migrate(writer));
      if (path === undefined) return { ...singleConnection(writer), schema };
      return { ...twoConnections(writer, await whileBusy(() => connect(path)), path), schema };
    } catch (error) {
      writer.close();
      throw error;
    }
  });
}

function connect(path: string): Database.Database {
  const connection = new Database(path, { timeout: BUSY_ATTEMPT_MS });
  try {
    connection.pragma('journal_mode = WAL');
    connection.pragma('synchronous = NORMAL');
    connection.pragma('foreign_keys = ON');
    connection.pragma(`cache_size = -${CACHE_SIZE_KIB}`);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

function migrate(connection: Database.Database): SchemaChange {
  connection.exec(
    'CREATE TABLE IF NOT EXISTS schema_migration (version INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL)',
  );
  // IMMEDIATE takes the write lock before looking, so that two processes that start at once do not both apply.
  return connection
    .transaction(() => {
      const applied = connection.prepare<[], number>('SELECT version FROM schema_migration').pluck().all();
      const known = migrationsOf('sqlite');
      for (const { version, sql } of pendingMigrations(known, applied)) {
        connection.exec(sql);
        connection.prepare('INSERT INTO schema_migration VALUES (?, ?)').run(version, Date.now());
      }
      return schemaChangeOf(known, applied);
    })
    .immediate();
}

/** All that use a file are on one machine (sqlite.org/wal.html), and so is its clock. */
const CLOCK_OF_MACHINE: DatabaseClock = { now: () => Date.now(), ask: async () => Date.now() };

/** Changes with each commit on another connection, of whatever process (sqlite.org/pragma.html#pragma_data_version). */
const SELECT_COMMITS_OF_OTHERS = 'SELECT data_version AS number FROM pragma_data_version';

/** The rows that this connection itself has changed (sqlite.org/lang_corefunc.html#total_changes). */
const SELECT_CHANGED_ROWS = 'SELECT total_changes() AS number';

const SELECT_ALIVE = 'SELECT 1 AS alive';

async function numberOf(queries: Queries, statement: string): Promise<number> {
  const row = await queries.get<{ number: number }>(statement);
  if (row === undefined) throw new Error(`${statement} gave nothing`);
  return row.number;
}

function singleConnection(connection: Database.Database): Omit<Engine, 'schema'> {
  const queue = createQueue();
  const queries = transactionQueries(queriesOn(connection));
  const read: Queries = {
    all: (statement, values) => queue(() => queries.all(statement, values)),
    get: (statement, values) => queue(() => queries.get(statement, values)),
    run: (statement, values) => queue(() => queries.run(statement, values)),
    insertMany: (target, rows) => queue(() => queries.insertMany(target, rows)),
    updateMany: (target, rows) => queue(() => queries.updateMany(target, rows)),
    deleteMany: (target, keys) => queue(() => queries.deleteMany(target, keys)),
  };
  return {
    read,
    transaction: (work) => queue(() => inTransaction(connection, queries, undefined, work)),
    snapshot: (work) => queue(() => inTransaction(connection, queries, undefined, work)),
    check: async () => void (await read.get(SELECT_ALIVE)),
    space: () => sqliteSpace(read),
    bytesOf: (table) => sqliteBytesOf(read, table),
    compact: () => queue(() => compact(connection)),
    version: () => queue(() => numberOf(queries, SELECT_CHANGED_ROWS)),
    clock: CLOCK_OF_MACHINE,
    close: () => queue(async () => void connection.close()),
  };
}

function twoConnections(writer: Database.Database, reader: Database.Database, path: string): Omit<Engine, 'schema'> {
  const queue = createQueue();
  const queries = transactionQueries(queriesOn(writer, path));
  reader.pragma('query_only = ON');
  const read = queriesOn(reader, path);
  const checkFile = sqliteFileCheck(path);
  return {
    read,
    check: () =>
      explained(path, async () => {
        await read.get(SELECT_ALIVE);
        await checkFile();
      }),
    transaction: (work) => queue(() => inTransaction(writer, queries, path, work)),
    snapshot: (work) => onSnapshot(path, work),
    space: () => sqliteSpace(read),
    bytesOf: (table) => sqliteBytesOf(read, table),
    compact: () => queue(() => compact(writer, path)),
    version: () => numberOf(read, SELECT_COMMITS_OF_OTHERS),
    clock: CLOCK_OF_MACHINE,
    close: () =>
      queue(async () => {
        reader.close();
        writer.close();
      }),
  };
}

async function inTransaction<T>(
  connection: Database.Database,
  queries: TransactionQueries,
  path: string | undefined,
  work: (queries: TransactionQueries) => Promise<T>,
): Promise<T> {
  await explained(path, () => whileBusy(() => connection.exec('BEGIN IMMEDIATE')));
  try {
    const result = await work(queries);
    await explained(path, async () => void connection.exec('COMMIT'));
    return result;
  } catch (error) {
    // SQLite itself rolls back on some errors, a full disk among them.
    if (connection.inTransaction) connection.exec('ROLLBACK');
    throw error;
  }
}

/**
 * On a connection of its own: one that is shared would show the old state to everybody else meanwhile. In WAL mode what
 * the first statement finds is what all others find (sqlite.org/isolation.html).
 */
async function onSnapshot<T>(path: string, work: (queries: Queries) => Promise<T>): Promise<T> {
  const connection = await explained(path, () => whileBusy(() => connect(path)));
  try {
    connection.pragma('query_only = ON');
    connection.exec('BEGIN');
    return await work(queriesOn(connection, path));
  } finally {
    connection.close();
  }
}

/** All that is written goes through the write-ahead log, which would otherwise stay as large as the database. */
async function compact(connection: Database.Database, path?: string): Promise<void> {
  await explained(path, async () => {
    await whileBusy(() => connection.exec('VACUUM'));
    connection.pragma('wal_checkpoint(TRUNCATE)');
  });
}

function queriesOn(connection: Database.Database, path?: string): Queries {
  const prepared = new Map<string, Database.Statement<(SqlValue | SqlValue[])[]>>();
  const prepare = (statement: string): Database.Statement<(SqlValue | SqlValue[])[]> => {
    let found = prepared.get(statement);
    if (found === undefined) {
      found = connection.prepare<(SqlValue | SqlValue[])[]>(statement);
      prepared.set(statement, found);
    }
    return found;
  };
  return {
    all: <Row>(statement: string, values: readonly SqlValue[] = []) =>
      explained(path, async () => allRows<Row>(prepare(statement), values)),
    get: <Row>(statement: string, values: readonly SqlValue[] = []) =>
      explained(
        path,
        async () =>
          prepare(statement)
            .raw(false)
            .get(...values) as Row | undefined,
      ),
    run: (statement, values = []) => explained(path, async () => prepare(statement).run(...values).changes),
    insertMany: (target, rows) =>
      explained(path, async () => {
        const turn = takeTurns();
        let at = 0;
        if (rows.length >= ROWS_PER_STATEMENT) {
          const many = prepare(insertOf(target, ROWS_PER_STATEMENT));
          for (; at + ROWS_PER_STATEMENT <= rows.length; at += ROWS_PER_STATEMENT) {
            // As one list: some hundred arguments would cost more than they bind.
            many.run(rows.slice(at, at + ROWS_PER_STATEMENT).flat());
            await turn();
          }
        }
        if (at === rows.length) return;
        const one = prepare(insertOf(target, 1));
        for (const values of rows.slice(at)) one.run(...values);
      }),
    // Each by a statement of its own: there is no round trip to save, and a list of keys would have to be built and read.
    updateMany: (target, rows) =>
      explained(path, async () => {
        const update = prepare(updateOf(target));
        const { length } = target.key;
        const turn = takeTurns();
        for (const values of rows) {
          update.run(...values.slice(length), ...values.slice(0, length));
          await turn();
        }
      }),
    deleteMany: (target, keys) =>
      explained(path, async () => {
        const remove = prepare(deleteOf(target));
        const turn = takeTurns();
        for (const key of keys) {
          remove.run(...key);
          await turn();
        }
      }),
  };
}

/**
 * Reads rows as arrays and converts them to objects, which takes two thirds of the time where rows are many. Each object
 * replaces its array, so that memory never holds all rows twice.
 */
function allRows<Row>(statement: Database.Statement<(SqlValue | SqlValue[])[]>, values: readonly SqlValue[]): Row[] {
  const names = statement.columns().map(({ name }) => name);
  const rows: unknown[] = statement.raw(true).all(...values);
  for (const [index, row] of rows.entries()) {
    const list = row as readonly SqlValue[];
    const found: Record<string, SqlValue | undefined> = {};
    for (const [at, name] of names.entries()) found[name] = list[at];
    rows[index] = found;
  }
  return rows as Row[];
}

/** There is no other writer meanwhile, so that a row that is not there now can be inserted, as can the next id. */
function transactionQueries(queries: Queries): TransactionQueries {
  async function ensure(target: KeyedTarget, row: readonly SqlValue[], place: number): Promise<number> {
    const { table, key, columns, parts } = target;
    const found = await queries.get<{ id: number }>(
      `SELECT id FROM ${table} WHERE ${isKey(key)}`,
      row.slice(0, key.length),
    );
    if (found !== undefined) return found.id;
    const insert = insertOf({ table, columns: [...key, ...columns] }, 1);
    const inserted = await queries.get<{ id: number }>(`${insert} RETURNING id`, row);
    if (inserted === undefined) throw new Error('an insert that returns its id returned none');
    if (parts !== undefined) await queries.insertMany(parts.target, parts.of(inserted.id, place));
    return inserted.id;
  }

  return {
    ...queries,
    async ensureMany(target, rows) {
      const ids: number[] = [];
      const turn = takeTurns();
      for (const [place, row] of rows.entries()) {
        ids.push(await ensure(target, row, place));
        await turn();
      }
      return ids;
    },
    async newIds(table, count) {
      const last = (await queries.get<{ id: number }>(`SELECT COALESCE(MAX(id), 0) AS id FROM ${table}`))?.id ?? 0;
      return Array.from({ length: count }, (_, at) => last + 1 + at);
    },
    lockUnused: async (_, ids) => [...ids],
    skipIds: async () => {},
  };
}

/** Tries again, between other work of this process, as long as another writer holds the file. */
async function whileBusy<T>(task: () => T): Promise<T> {
  const deadline = Date.now() + BUSY_TIMEOUT_MS;
  for (;;) {
    try {
      return task();
    } catch (error) {
      const isBusy = error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY');
      if (!isBusy || Date.now() > deadline) throw error;
    }
    await setTimeout(BUSY_PAUSE_MS);
  }
}

/** Gives a function for loops over many rows: it waits for the other work of the thread when their turn has come. */
function takeTurns(): () => Promise<void> {
  let end = performance.now() + TURN_MS;
  return async () => {
    if (performance.now() < end) return;
    await setImmediate();
    end = performance.now() + TURN_MS;
  };
}

/** A statement that inserts `count` rows. */
function insertOf({ table, columns, skipExisting = false }: InsertTarget, count: number): string {
  const row = `(${columns.map(() => '?').join(', ')})`;
  const values = Array.from({ length: count }, () => row).join(', ');
  return `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${values}${skipExisting ? ' ON CONFLICT DO NOTHING' : ''}`;
}

function updateOf({ table, key, columns }: UpdateTarget): string {
  return `UPDATE ${table} SET ${columns.map((column) => `${column} = ?`).join(', ')} WHERE ${isKey(key)}`;
}

function deleteOf({ table, key }: DeleteTarget): string {
  return `DELETE FROM ${table} WHERE ${isKey(key)}`;
}

function isKey(key: readonly string[]): string {
  return key.map((column) => `${column} = ?`).join(' AND ');
}

/** Runs tasks one after the other, in the order in which they came. */
function createQueue(): <T>(task: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(task: () => Promise<T>): Promise<T> => {
    const result = last.then(task);
    last = result.catch(() => undefined);
    return result;
  };
}

/** Failures of the database itself, not of a statement (sqlite.org/rescode.html). */
const UNAVAILABLE =
  /^SQLITE_(BUSY|LOCKED|CANTOPEN|NOTADB|CORRUPT|FULL|IOERR|READONLY|PERM|AUTH|NOMEM|PROTOCOL|SCHEMA|MISUSE)/;

async function explained<T>(path: string | undefined, task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    if (error instanceof ClairError) throw error;
    const where = path === undefined ? 'the database in memory' : `the database ${path}`;
    if (error instanceof Database.SqliteError && UNAVAILABLE.test(error.code)) {
      throw new ClairError('database/unavailable', `${where} cannot be used: ${error.message}`, { cause: error });
    }
    if (isSystemError(error)) {
      throw new ClairError('database/unavailable', `${where} cannot be opened: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

/** Errors of the file system, and better-sqlite3's own refusals of a path, which are TypeErrors. */
function isSystemError(error: unknown): error is Error {
  return error instanceof Error && ('syscall' in error || /directory does not exist|not open/.test(error.message));
}
