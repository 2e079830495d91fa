import type Database from 'better-sqlite3';
import { ClairError } from '../../../errors.ts';
import { migrationsOf } from '../../migrations.ts';
import { TABLES } from '../../queries/tables.ts';
import { connect } from './connection.ts';
import { CREATE_MIGRATIONS } from './engine.ts';
import { explained } from './errors.ts';

/** The tables of feeds; a published file has no rows in other tables. */
const FEED_TABLES: ReadonlySet<string> = new Set([
  'namespace',
  'line',
  'vulnerability',
  'vulnerability_alias',
  'affected',
  'affected_imports',
  'enrichment',
  'repository_cpe',
  'feed_namespace',
  'feed_state',
]);

/** Returns the schema version of the files that {@link checkBaseFile} accepts. */
export function sqliteSchemaVersion(): number {
  return migrationsOf('sqlite').at(-1)?.version ?? 0;
}

/**
 * Prepares a database of feeds for publication: deletes the rows of all other tables, such as the change log, and
 * compacts the database into one file without a write-ahead log.
 *
 * @throws ClairError `database/unavailable`
 */
export async function compactBaseFile(path: string): Promise<void> {
  await onConnection(path, (connection) => {
    for (const { name } of TABLES) if (!FEED_TABLES.has(name)) connection.exec(`DELETE FROM ${name}`);
    connection.exec('DELETE FROM lock');
    connection.pragma('journal_mode = DELETE');
    connection.exec('VACUUM');
  });
}

/**
 * Checks that a file from a registry has exactly the schema of this release and contains only feeds. Must be called
 * before the file becomes a database, because a foreign file could contain triggers, or images of another database.
 *
 * @throws ClairError `artifact/invalid`; `database/unavailable` for a file that is not a database
 */
export async function checkBaseFile(path: string): Promise<void> {
  const expected = await onConnection(':memory:', (connection) => {
    connection.exec(CREATE_MIGRATIONS);
    for (const { sql } of migrationsOf('sqlite')) connection.exec(sql);
    return schemaOf(connection);
  });
  await onConnection(path, (connection) => {
    connection.pragma('trusted_schema = OFF');
    if (schemaOf(connection) !== expected) {
      throw new ClairError(
        'artifact/invalid',
        'the published SQLite file does not have the schema of this release; nothing was changed',
      );
    }
    const foreign = TABLES.find(
      ({ name }) => !FEED_TABLES.has(name) && connection.prepare(`SELECT 1 FROM ${name} LIMIT 1`).get() !== undefined,
    );
    if (foreign === undefined) return;
    const message = `the published SQLite file may contain only data of feeds, but has rows in the table ${foreign.name}; nothing was changed`;
    throw new ClairError('artifact/invalid', message);
  });
}

async function onConnection<T>(path: string, work: (connection: Database.Database) => T): Promise<T> {
  return await explained(path, async () => {
    const connection = connect(path);
    try {
      return work(connection);
    } finally {
      connection.close();
    }
  });
}

function schemaOf(connection: Database.Database): string {
  const rows = connection.prepare<[], { readonly sql: string | null }>(SELECT_SCHEMA).all();
  return JSON.stringify(rows);
}

const SELECT_SCHEMA =
  "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_stat%' ESCAPE '\\' ORDER BY type, name";
