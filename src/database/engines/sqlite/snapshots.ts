import type Database from 'better-sqlite3';
import type { Queries } from '../engine.ts';
import { connect, whileBusy } from './connection.ts';
import { explained } from './errors.ts';
import { sqliteSameFile } from './file.ts';
import { queriesOn, statementsOn } from './queries.ts';

/** The maximum number of idle connections that are kept for later snapshots. */
const MAX_IDLE = 2;

export type Snapshots = {
  readonly use: <T>(work: (queries: Queries) => Promise<T>) => Promise<T>;
  readonly close: () => void;
};

/**
 * Creates snapshots of a file. Each snapshot has its own connection, because other readers on a shared connection would
 * read the old state. In WAL mode all statements of a transaction read the same state (sqlite.org/isolation.html). A
 * few connections are kept, because opening a connection and preparing its statements takes longer than most snapshots.
 */
export function createSnapshots(path: string): Snapshots {
  const idle: Reader[] = [];
  const checkSame = sqliteSameFile(path);
  let isClosed = false;

  async function open(): Promise<Reader> {
    // Check first, because a new connection would create a removed file again, or read a file that replaced it.
    await checkSame();
    const connection = await explained(path, () => whileBusy(() => connect(path)));
    connection.pragma('query_only = ON');
    return { connection, queries: queriesOn(statementsOn(connection), path) };
  }

  return {
    async use(work) {
      const reader = idle.pop() ?? (await open());
      const { connection } = reader;
      try {
        connection.exec('BEGIN');
        const result = await work(reader.queries);
        connection.exec('COMMIT');
        if (isClosed || idle.length >= MAX_IDLE) connection.close();
        else idle.push(reader);
        return result;
      } catch (error) {
        connection.close();
        throw error;
      }
    },
    close() {
      isClosed = true;
      for (const { connection } of idle.splice(0)) connection.close();
    },
  };
}

type Reader = { readonly connection: Database.Database; readonly queries: Queries };
