import Database from 'better-sqlite3';
import { setTimeout } from 'node:timers/promises';

/** The maximum time that a transaction waits for another writer of the file. */
const BUSY_TIMEOUT_MS = 60_000;

/** The maximum duration of one attempt, which blocks the thread. */
const BUSY_ATTEMPT_MS = 5;

const BUSY_PAUSE_MS = 20;

/** The page cache of a connection. */
const CACHE_KIB = 64 * 1024;

/** The page cache for a transaction that may write a whole feed. */
const LARGE_TRANSACTION_CACHE_KIB = 16 * 1024;

/** Opens a connection to a file, to `:memory:`, or to a copy of a database in memory, with the common settings. */
export function connect(path: string | Buffer): Database.Database {
  const connection = new Database(path, { timeout: BUSY_ATTEMPT_MS });
  try {
    connection.pragma('journal_mode = WAL');
    connection.pragma('synchronous = NORMAL');
    connection.pragma('foreign_keys = ON');
    setCacheSize(connection, CACHE_KIB);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

/**
 * Limits the page cache while `work` runs a transaction that may write a whole feed. The commit writes all changed pages
 * of the cache in one call, which blocks the thread for more than 100 ms with the usual cache.
 *
 * Keeps the statement journal in memory: the pages that a statement for several rows changes. SQLite writes them to a
 * file otherwise, which takes a tenth of the time of an import.
 */
export async function forLargeTransaction<T>(connection: Database.Database, work: () => Promise<T>): Promise<T> {
  setCacheSize(connection, LARGE_TRANSACTION_CACHE_KIB);
  connection.pragma('temp_store = MEMORY');
  try {
    return await work();
  } finally {
    connection.pragma('temp_store = DEFAULT');
    setCacheSize(connection, CACHE_KIB);
  }
}

/** Retries while another writer locks the file, and returns to the event loop between the attempts. */
export async function whileBusy<T>(task: () => T): Promise<T> {
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

/** The pragma reads a negative number as KiB (sqlite.org/pragma.html#pragma_cache_size). */
function setCacheSize(connection: Database.Database, kibibytes: number): void {
  connection.pragma(`cache_size = -${kibibytes}`);
}
