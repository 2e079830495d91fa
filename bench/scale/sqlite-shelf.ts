import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Shelf } from './databases.ts';

/** Stores databases as files in a folder. */
export function sqliteShelf(folder: string): Shelf {
  mkdirSync(folder, { recursive: true });
  const pathOf = (database: string): string => join(folder, `${database}.db`);
  return {
    name: 'sqlite',
    optionsOf: (database) => ({ type: 'sqlite', path: pathOf(database) }),
    exists: async (database) => existsSync(pathOf(database)),
    async create() {},
    async remove(database) {
      for (const suffix of ['', '-wal', '-shm']) rmSync(`${pathOf(database)}${suffix}`, { force: true });
    },
    async copy(from, to) {
      // The write-ahead log must be merged into the file before the copy.
      const connection = new Database(pathOf(from));
      connection.pragma('wal_checkpoint(TRUNCATE)');
      connection.close();
      copyFileSync(pathOf(from), pathOf(to));
    },
    load: (_, write) => write(),
    async close() {},
  };
}
