import { join } from 'node:path';
import Database from 'better-sqlite3';
import { type Clair, composeClair } from '../src/compose/clair.ts';
import { openSqlite } from '../src/database/engines/sqlite/engine.ts';
import { type Figure, timed } from './figure.ts';
import { feedIn, writeTrackerFeed } from './tracker-feed.ts';

/** The tables that an import fills, parents before children. */
const TABLES = ['namespace', 'line', 'vulnerability', 'affected', 'change_log'];

/** The first import, in which every advisory is new. */
export const feedImport: Figure = {
  title: "import of Debian's feed into an empty database",
  against: 'a bare loop that inserts the same rows',
  aim: 0.5,
  async prepare(folder) {
    writeTrackerFeed(folder);
    const clair = await open(folder, 'model.db');
    await clair.updater.update('debian', { from: feedIn(folder) });
    await clair.close();
  },
  async subject(folder) {
    const clair = await open(folder, 'subject.db');
    const run = await timed(() => importFeed(clair, folder));
    await clair.close();
    return run;
  },
  async reference(folder) {
    const model = new Database(join(folder, 'model.db'), { readonly: true });
    const tables = TABLES.map((name) => {
      const columns = model.prepare<[], { name: string }>(`PRAGMA table_info(${name})`).all();
      const insert = `INSERT INTO ${name} VALUES (${columns.map(() => '?').join(', ')})`;
      return { insert, rows: model.prepare<[], unknown[]>(`SELECT * FROM ${name}`).raw().all() };
    });
    model.close();
    await (await openSqlite(join(folder, 'reference.db'))).close();
    const database = new Database(join(folder, 'reference.db'));
    database.pragma('synchronous = NORMAL');
    database.pragma('foreign_keys = ON');
    return await timed(async () => {
      database.exec('BEGIN IMMEDIATE');
      let count = 0;
      for (const { insert, rows } of tables) {
        const statement = database.prepare(insert);
        for (const row of rows) statement.run(...row);
        count += rows.length;
      }
      database.exec('COMMIT');
      return `${count} rows`;
    });
  },
};

/** The regular import every few hours, in which nothing is new. */
export const feedReimport: Figure = {
  title: 'import of the same data again',
  against: 'its first import',
  prepare: feedImport.prepare,
  async subject(folder) {
    const clair = await open(folder, 'model.db');
    const run = await timed(() => importFeed(clair, folder));
    await clair.close();
    return run;
  },
  reference: feedImport.subject,
};

async function importFeed(clair: Clair, folder: string): Promise<string> {
  const result = await clair.updater.update('debian', { from: feedIn(folder) });
  if (result.kind !== 'updated') throw new Error('a local file has no unchanged response');
  const { added, changed, withdrawn, unchanged } = result.counts;
  return `${added + changed + withdrawn} vulnerabilities written, ${unchanged} unchanged`;
}

async function open(folder: string, name: string): Promise<Clair> {
  return await composeClair({ type: 'sqlite', path: join(folder, name) });
}
