import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type Database from 'better-sqlite3';
import { migrationsOf, pendingMigrations, type SchemaChange, schemaChangeOf } from '../../migrations.ts';
import type { DatabaseClock, Engine, Queries, TransactionQueries } from '../engine.ts';
import { connect, whileBusy, forLargeTransaction } from './connection.ts';
import { explained } from './errors.ts';
import { sqliteFileCheck } from './file.ts';
import { createSnapshots } from './snapshots.ts';
import { queriesOn, statementsOn, transactionQueries } from './queries.ts';
import { sqliteBytesOf, sqliteSpace } from './space.ts';
import { type BackgroundCheckpoint, createBackgroundCheckpoints } from './threads/background-checkpoints.ts';

/**
 * Opens the embedded database in a file, or in memory without a path, and migrates its schema.
 *
 * A file has two connections in WAL mode: one runs transactions, one at a time, and the other reads the last committed
 * state. Snapshots have additional connections. A database in memory has one connection, so reads wait for the running
 * transaction.
 *
 * @throws ClairError `database/unavailable` when the file cannot be opened or is not a database,
 * `database/newer-schema` when a later release wrote it, `database/older-schema` when a development version wrote it.
 */
export async function openSqlite(path?: string): Promise<Engine> {
  return await explained(path, async () => {
    if (path !== undefined) mkdirSync(dirname(path), { recursive: true });
    const writer = await whileBusy(() => connect(path ?? ':memory:'));
    try {
      const schema = await whileBusy(() => migrateSqlite(writer));
      if (path === undefined) {
        return { ...singleConnection(writer, transactionQueries(statementsOn(writer))), schema };
      }
      return { ...twoConnections(writer, await whileBusy(() => connect(path)), path), schema };
    } catch (error) {
      writer.close();
      throw error;
    }
  });
}

/** The table of applied migrations. */
export const CREATE_MIGRATIONS =
  'CREATE TABLE IF NOT EXISTS schema_migration (version INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL)';

/** Runs the migrations that a database lacks. @throws ClairError as {@link openSqlite} */
export function migrateSqlite(connection: Database.Database): SchemaChange {
  connection.exec(CREATE_MIGRATIONS);
  // IMMEDIATE takes the write lock first, so that only one of two processes migrates.
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

/** All processes that use a file run on the same machine (sqlite.org/wal.html), so they share its clock. */
const CLOCK_OF_MACHINE: DatabaseClock = { now: () => Date.now(), ask: async () => Date.now() };

/**
 * A number that changes with each commit on another connection of any process
 * (sqlite.org/pragma.html#pragma_data_version).
 */
const SELECT_COMMITS_OF_OTHERS = 'SELECT data_version AS number FROM pragma_data_version';

/** The number of rows that this connection has changed (sqlite.org/lang_corefunc.html#total_changes). */
const SELECT_CHANGED_ROWS = 'SELECT total_changes() AS number';

const SELECT_ALIVE = 'SELECT 1 AS alive';

async function numberOf(queries: Queries, statement: string): Promise<number> {
  const row = await queries.get<{ number: number }>(statement);
  if (row === undefined) throw new Error(`${statement} returned no row`);
  return row.number;
}

/** The options of {@link singleConnection}. */
export type SingleConnectionOptions = {
  /** The statement that starts a transaction; by default it also takes the write lock. */
  readonly begin?: string;
  /** The file to name in error messages; absent for a database in memory. */
  readonly path?: string;
  /**
   * Verifies the data of a snapshot before its first query. If the data is invalid, `mend` corrects it and the snapshot
   * starts again.
   */
  readonly snapshots?: {
    readonly areValid: (queries: Queries) => Promise<boolean>;
    readonly mend: (queries: TransactionQueries) => Promise<void>;
  };
};

/** Creates an engine whose reads wait for the running transaction. */
export function singleConnection(
  connection: Database.Database,
  queries: TransactionQueries,
  { begin, path, snapshots }: SingleConnectionOptions = {},
): Omit<Engine, 'schema'> {
  const queue = createQueue();
  const read: Queries = {
    all: (statement, values) => queue(() => queries.all(statement, values)),
    get: (statement, values) => queue(() => queries.get(statement, values)),
    run: (statement, values) => queue(() => queries.run(statement, values)),
    write: (statement, values) => queue(() => queries.write(statement, values)),
    insertMany: (target, rows) => queue(() => queries.insertMany(target, rows)),
    updateMany: (target, rows) => queue(() => queries.updateMany(target, rows)),
    deleteMany: (target, keys) => queue(() => queries.deleteMany(target, keys)),
  };
  return {
    read,
    transaction: (work) => queue(() => inTransaction(connection, queries, path, work, begin)),
    snapshot: (work) =>
      queue(async () => {
        for (;;) {
          const done = await inTransaction(
            connection,
            queries,
            path,
            async () => (await snapshots?.areValid(queries)) !== false && { result: await work(queries) },
            begin,
          );
          if (done !== false) return done.result;
          await inTransaction(connection, queries, path, async () => await snapshots?.mend(queries), begin);
        }
      }),
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
  const queries = transactionQueries(statementsOn(writer), path);
  reader.pragma('query_only = ON');
  const read = queriesOn(statementsOn(reader), path);
  const checkFile = sqliteFileCheck(path);
  const snapshots = createSnapshots(path);
  const checkpoints = createBackgroundCheckpoints(path);
  return {
    read,
    check: () =>
      explained(path, async () => {
        await read.get(SELECT_ALIVE);
        await checkFile();
      }),
    transaction: (work, { once = false } = {}) =>
      queue(() =>
        once
          ? inLargeTransaction(writer, queries, path, checkpoints.begin(), work)
          : inTransaction(writer, queries, path, work),
      ),
    snapshot: (work) => snapshots.use(work),
    space: () => sqliteSpace(read),
    bytesOf: (table) => sqliteBytesOf(read, table),
    compact: () =>
      queue(async () => {
        // A running checkpoint would keep the write-ahead log at its size.
        await checkpoints.settled();
        await compact(writer, path);
      }),
    version: () => numberOf(read, SELECT_COMMITS_OF_OTHERS),
    clock: CLOCK_OF_MACHINE,
    close: () =>
      queue(async () => {
        snapshots.close();
        await checkpoints.settled();
        reader.close();
        writer.close();
      }),
  };
}

/** Runs `work` in a transaction of a connection; rolls back if `work` fails. @throws as {@link explained} */
export async function inTransaction<T>(
  connection: Database.Database,
  queries: TransactionQueries,
  path: string | undefined,
  work: (queries: TransactionQueries) => Promise<T>,
  begin = 'BEGIN IMMEDIATE',
  commit = async (): Promise<void> => void connection.exec('COMMIT'),
): Promise<T> {
  await explained(path, () => whileBusy(() => connection.exec(begin)));
  try {
    const result = await work(queries);
    await explained(path, commit);
    return result;
  } catch (error) {
    // SQLite rolls back by itself on some errors, such as a full disk.
    if (connection.inTransaction) connection.exec('ROLLBACK');
    throw error;
  }
}

/**
 * Runs `work`, which may write a whole feed, like {@link inTransaction}, but the commit blocks the calling thread only
 * for a short time.
 */
async function inLargeTransaction<T>(
  connection: Database.Database,
  queries: TransactionQueries,
  path: string,
  checkpoint: BackgroundCheckpoint,
  work: (queries: TransactionQueries) => Promise<T>,
): Promise<T> {
  const counted: TransactionQueries = {
    ...queries,
    async insertMany(target, rows) {
      checkpoint.count(rows.length);
      await queries.insertMany(target, rows);
    },
    async insertSelected(target, statement, values) {
      const rows = await queries.insertSelected(target, statement, values);
      checkpoint.count(rows);
      return rows;
    },
  };
  try {
    return await forLargeTransaction(connection, () =>
      inTransaction(connection, counted, path, work, undefined, () => checkpoint.commit(connection)),
    );
  } finally {
    await checkpoint.end();
  }
}

/**
 * Ends with a checkpoint, because VACUUM writes the whole database to the write-ahead log, which would otherwise keep
 * its size.
 */
async function compact(connection: Database.Database, path?: string): Promise<void> {
  await explained(path, async () => {
    await whileBusy(() => connection.exec('VACUUM'));
    connection.pragma('wal_checkpoint(TRUNCATE)');
  });
}

/** Creates a queue that runs tasks in the order of the calls. */
function createQueue(): <T>(task: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(task: () => Promise<T>): Promise<T> => {
    const result = last.then(task);
    last = result.catch(() => undefined);
    return result;
  };
}
