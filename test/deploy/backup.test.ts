import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CopiedTable } from '../../src/database/database-copy.ts';
import { copyStore, openStore, type SharedDatabaseOptions } from '../../src/database/open-store.ts';
import type { Store } from '../../src/database/contracts/store.ts';
import { installedProgram } from '../fixtures/installed-program.ts';
import { knowLayer, publish } from '../../src/database/testing/store-content.ts';
import { advisory, deb } from '../../src/database/testing/packages.ts';
import { type PostgresServer, startPostgres } from '../../src/database/testing/postgres-server.ts';

/** The client and the server have the same version, because pg_dump rejects a newer server. */
const BINARIES = '/usr/lib/postgresql/17/bin';
const dump = installedProgram(join(BINARIES, 'pg_dump'), 'postgresql-17');
const restore = installedProgram(join(BINARIES, 'pg_restore'), 'postgresql-17');

const folder = mkdtempSync(join(tmpdir(), 'clair-backup-'));
const inFolder = (name: string): string => join(folder, name);
let server: PostgresServer | undefined;
beforeAll(async () => {
  server = await startPostgres({ installed: BINARIES });
});
afterAll(async () => {
  await server?.stop();
  server?.remove();
  rmSync(folder, { recursive: true, force: true });
});

async function newDatabase(name: string): Promise<string> {
  if (server === undefined) throw new Error('the server did not start');
  const client = new pg.Client(server.source);
  await client.connect();
  await client.query(`CREATE DATABASE ${name} ENCODING 'UTF8' TEMPLATE template0`);
  await client.end();
  return server.source.replace(/postgres$/, name);
}

async function digestsOf(database: SharedDatabaseOptions, name: string): Promise<readonly CopiedTable[]> {
  const tables: CopiedTable[] = [];
  const path = inFolder(`${name}.db`);
  await copyStore(database, { type: 'sqlite', path }, { copied: (table) => tables.push(table) });
  return tables;
}

async function fill(store: Store): Promise<void> {
  const packages = Array.from({ length: 500 }, (_, index) => deb(`package-${index}`, `1:${index}-1`));
  const base = await knowLayer(store, 'base', packages);
  await knowLayer(store, 'leaf', [deb('a', '1~ü')], base);
  await publish(store, []);
  await publish(store, [
    { ...advisory('CVE-1', { package: 'package-1' }), aliases: ['A-1'] },
    advisory('CVE-2', { package: 'a' }),
  ]);
  await store.notifications.advance({
    from: await store.notifications.cursor(),
    to: 1,
    notifications: [{ name: 'n', change: 1, kind: 'new', createdAt: 7 }],
  });
}

it('is complete and writable after a restore from a dump of running PostgreSQL', async () => {
  const original: SharedDatabaseOptions = { type: 'postgres', source: await newDatabase('original') };
  const store = await openStore(original);
  await fill(store);
  const made = dump('--format=custom', `--file=${inFolder('clair.dump')}`, original.source);
  expect(made).toEqual({ status: 0, said: '' });
  const digests = await digestsOf(original, 'original');
  expect(digests.find(({ table }) => table === 'layer_feature')?.rows).toBe(501);
  // The dump must not contain this write.
  await publish(store, [advisory('CVE-3', { package: 'b' })]);
  await store.close();

  const restored: SharedDatabaseOptions = { type: 'postgres', source: await newDatabase('restored') };
  const put = restore('--exit-on-error', '--no-owner', `--dbname=${restored.source}`, inFolder('clair.dump'));
  expect(put).toEqual({ status: 0, said: '' });
  expect(await digestsOf(restored, 'restored')).toEqual(digests);

  const again = await openStore(restored);
  expect(again.schema.from).toBe(again.schema.to);
  const leaf = await again.layers.find('leaf');
  await knowLayer(again, 'next', [deb('b', '1')], leaf);
  await publish(again, [advisory('CVE-3', { package: 'b' })]);
  const next = await again.layers.find('next');
  expect((await again.layers.features(next?.id ?? 0)).length).toBe(502);
  await again.close();
});

it('is complete after a restore from an SQLite backup made during writes', async () => {
  const original: SharedDatabaseOptions = { type: 'sqlite', path: inFolder('clair.db') };
  const store = await openStore(original);
  await fill(store);
  const digests = await digestsOf(original, 'before');
  const connection = new Database(original.path);
  connection.prepare('VACUUM INTO ?').run(inFolder('backup.db'));
  connection.close();
  await publish(store, [advisory('CVE-3', { package: 'b' })]);
  await store.close();
  expect(await digestsOf({ type: 'sqlite', path: inFolder('backup.db') }, 'after')).toEqual(digests);
});
