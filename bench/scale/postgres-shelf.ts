import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { startPostgres } from '../../src/database/testing/postgres-server.ts';
import { loadWithoutIndexes } from './bulk-load.ts';
import type { Shelf } from './databases.ts';
import { WRITTEN_TABLES } from './layer-rows.ts';
import { multiplyLayers } from './multiplied-layers.ts';

/** Settings of a dedicated server. Commits wait for the disk, as by default. */
const SETTINGS = [
  'shared_buffers=1GB',
  'effective_cache_size=4GB',
  'work_mem=16MB',
  'maintenance_work_mem=512MB',
  'max_wal_size=4GB',
  'random_page_cost=1.1',
  'autovacuum=on',
];

/** Starts a PostgreSQL server that stores its data in a folder; closing the shelf stops the server. */
export async function postgresShelf(folder: string): Promise<Shelf> {
  mkdirSync(folder, { recursive: true });
  const server = await startPostgres({ folder: join(folder, 'server'), settings: SETTINGS });
  const client = new pg.Client({ connectionString: server.source });
  await client.connect();
  const addressOf = (database: string): string => {
    const address = new URL(server.source);
    address.pathname = database;
    address.searchParams.set('sslmode', 'disable');
    return address.href;
  };
  async function within<T>(database: string, work: (connection: pg.Client) => Promise<T>): Promise<T> {
    const connection = new pg.Client({ connectionString: addressOf(database) });
    await connection.connect();
    try {
      return await work(connection);
    } finally {
      await connection.end();
    }
  }
  return {
    name: 'postgres',
    optionsOf: (database) => ({ type: 'postgres', source: addressOf(database) }),
    async exists(database) {
      return (await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database])).rowCount === 1;
    },
    async create(database) {
      await client.query(`CREATE DATABASE "${database}"`);
    },
    async remove(database) {
      await client.query(`DROP DATABASE IF EXISTS "${database}" WITH (FORCE)`);
    },
    async copy(from, to) {
      // Copies files, because by default the log would contain the whole database.
      await client.query(`CREATE DATABASE "${to}" TEMPLATE "${from}" STRATEGY FILE_COPY`);
    },
    load: (database, write) => within(database, (loader) => loadWithoutIndexes(loader, WRITTEN_TABLES, write)),
    multiply: (database, by) =>
      within(database, (loader) => loadWithoutIndexes(loader, WRITTEN_TABLES, () => multiplyLayers(loader, by))),
    async close() {
      await client.end();
      await server.stop();
    },
  };
}
