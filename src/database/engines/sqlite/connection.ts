import Database from 'better-sqlite3';
import { setTimeout } from 'node:timers/promises';

/** The maximum time that a transaction waits for another writer of the file. */
const BUSY_TIMEOUT_MS = 60_000;

/** The maximum duration of one attempt, which blocks the thread. */
const BUSY_ATTEMPT_MS = 5;

const BUSY_PAUSE_MS = 20;

/** The page cache of each connection. The pragma reads a negative number as KiB (sqlite.org/pragma.html). */
const CACHE_SIZE_KIB = 64 * 1024;

/** Opens a connection to a file, to `:memory:`, or to a copy of a database in memory, with the common settings. */
export function connect(path: string | Buffer): Database.Database {
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
