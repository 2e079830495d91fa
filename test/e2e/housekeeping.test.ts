import { copyFileSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CliRun, runClair } from '../fixtures/cli-run.ts';
import { openStore } from '../../src/database/open-store.ts';
import { dayOf } from '../../src/model/time/day.ts';
import { type ClairServer, startClairServer } from '../../src/api/testing/clair-server.ts';
import { digestOfDatabase } from '../../src/database/testing/database-digest.ts';
import { knowLayer } from '../../src/database/testing/store-content.ts';
import { deb } from '../../src/database/testing/packages.ts';
import { newLayer, newPostgresSource } from '../../src/database/testing/stores.ts';
import { tarOf } from '../../src/bytes/testing/tar-builder.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-housekeeping-'));
const inFolder = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

async function clair(...args: readonly string[]): Promise<CliRun> {
  return await runClair(args);
}

function setLastUsedOn(path: string, layer: string, day: number): void {
  const database = new Database(path);
  database
    .prepare('UPDATE layer SET created_at = ?, last_used_on = ? WHERE name = ?')
    .run(day * 86_400_000, day, layer);
  database.close();
}

function lastUsedOn(path: string, layer: string): number | undefined {
  const database = new Database(path, { readonly: true });
  const day = database.prepare<[string], number>('SELECT last_used_on FROM layer WHERE name = ?').pluck().get(layer);
  database.close();
  return day;
}

describe('clair db', () => {
  let db: string;
  let copies = 0;
  beforeAll(async () => {
    const store = await openStore({ type: 'sqlite', path: inFolder('known.db') });
    const packages = Array.from({ length: 2000 }, (_, index) => deb(`package-${index}`, '1'));
    await knowLayer(store, 'old', packages);
    await knowLayer(store, 'young', [deb('a', '1')]);
    await store.close();
    setLastUsedOn(inFolder('known.db'), 'old', dayOf(Date.now()) - 10);
  });
  beforeEach(() => {
    db = inFolder(`${(copies += 1)}.db`);
    copyFileSync(inFolder('known.db'), db);
  });

  it('vacuum --dry-run lists what vacuum would remove, and changes nothing', async () => {
    const config = inFolder('clair.yaml');
    writeFileSync(config, 'housekeeping: { layers: 9d }\n');
    const before = digestOfDatabase(db);
    const listed = await clair('db', 'vacuum', '--dry-run', '--config', config, '--db', db);
    expect(listed).toMatchObject({ status: 0, err: '' });
    expect(listed.out).toMatch(/^layer: old\n/);
    expect(listed.out.split('\n').filter((line) => line.startsWith('feature: package-'))).toHaveLength(2000);
    const counts = '1 layer, 2,000 packages, 2,000 version lines';
    expect(listed.out.split('\n').at(-2)).toBe(`Would delete ${counts}.`);
    expect(digestOfDatabase(db)).toBe(before);

    const size = statSync(db).size;
    const { status, out } = await clair('db', 'vacuum', '--config', config, '--db', db);
    expect([status, out.split('\n')[0]]).toEqual([0, `Deleted ${counts}.`]);
    expect(statSync(db).size).toBeLessThan(size / 2);
    expect((await clair('db', 'vacuum', '--config', config, '--db', db)).out).toContain('Deleted nothing.\n');
  });

  it('vacuum --dry-run lists in JSON, and only the dry run has a list', async () => {
    const config = inFolder('clair.yaml');
    writeFileSync(config, 'housekeeping: { layers: 9d }\n');
    const vacuum = ['db', 'vacuum', '--config', config, '--db', db];
    const { out } = await clair(...vacuum, '--dry-run', '--format', 'json');
    expect(out).toMatch(/^\{\n {2}"obsolete": \[\n {4}\{"kind":"layer","name":"old"\},\n.*\}\n {2}\]\n\}\n$/s);
    const { obsolete } = JSON.parse(out);
    expect(obsolete[0]).toEqual({ kind: 'layer', name: 'old' });
    expect(obsolete).toHaveLength(4001);
    const before = digestOfDatabase(db);
    for (const option of [
      ['--format', 'json'],
      ['--output', inFolder('out.json')],
    ]) {
      const { status, err } = await clair(...vacuum, ...option);
      expect([status, err]).toEqual([2, expect.stringContaining(`${option[0]} has no effect without --dry-run`)]);
    }
    // The hidden alias of --format json.
    expect((await clair(...vacuum, '--json')).status).toBe(2);
    expect(digestOfDatabase(db)).toBe(before);
  });

  it('vacuum keeps unused data for 90 days by default', async () => {
    expect((await clair('db', 'vacuum', '--dry-run', '--db', db)).out).toBe('Would delete nothing.\n');
    const { out } = await clair('db', 'vacuum', '--dry-run', '--format', 'json', '--db', db);
    expect(JSON.parse(out)).toEqual({ obsolete: [] });
  });

  it('vacuum fails while another process holds the lock', async () => {
    const store = await openStore({ type: 'sqlite', path: db });
    await store.locks.acquire('housekeeping', 'a server', 60_000);
    const { status, err } = await clair('db', 'vacuum', '--db', db);
    expect(status).toBe(2);
    expect(err).toContain('[housekeeping/locked]');
    await store.close();
  });

  it('stats shows rows, bytes and times', async () => {
    const { status, out } = await clair('db', 'stats', '--db', db);
    expect(status).toBe(0);
    expect(out).toMatch(/layer_feature .* 2001 .* \d{5,} /);
    expect(out).toMatch(/layer .* 2 .* \d{4,} .* 20\d\d-\d\d-\d\dT/);
    const json = JSON.parse((await clair('db', 'stats', '--json', '--db', db)).out) as {
      bytes: number;
      tables: object[];
    };
    expect(json.bytes).toBe(statSync(db).size);
    expect(json.tables).toContainEqual(expect.objectContaining({ table: 'feature', rows: 2001, oldest: null }));
  });

  it('copy copies everything to a new database, and prints what it verified', async () => {
    const target = inFolder('copy.db');
    const { status, out } = await clair('db', 'copy', '--from', `sqlite:${db}`, '--to', `sqlite:${target}`);
    expect(status).toBe(0);
    expect(out).toMatch(/^layer_feature: 2,001 rows, sha256 [0-9a-f]{64}$/m);
    expect(out).toMatch(/Copied and verified [\d,]+ rows\.\n$/);
    const ignored = ['schema_migration.applied_at'];
    expect(digestOfDatabase(target, ignored)).toBe(digestOfDatabase(db, ignored));
  });

  it('copy copies everything to PostgreSQL and back, and vacuum and stats work there', async () => {
    const [there, back] = [newPostgresSource(), `sqlite:${inFolder('back.db')}`];
    const first = await clair('db', 'copy', '--from', `sqlite:${db}`, '--to', there);
    expect(first).toMatchObject({ status: 0, err: '' });
    expect((await clair('db', 'copy', '--from', there, '--to', back)).out).toBe(first.out);
    expect((await clair('db', 'copy', '--from', there, '--to', there)).err).toContain('[cli/usage]');

    expect((await clair('db', 'stats', '--db', there)).out).toMatch(/^\d{6,} bytes$/m);
    const config = inFolder('clair.yaml');
    writeFileSync(config, 'housekeeping: { layers: 9d }\n');
    const { out } = await clair('db', 'vacuum', '--config', config, '--db', there);
    expect(out.split('\n')[0]).toBe('Deleted 1 layer, 2,000 packages, 2,000 version lines.');
  });

  it.each<[string, () => string[], string]>([
    [
      'a missing source',
      () => [`sqlite:${inFolder('none.db')}`, `sqlite:${inFolder('new.db')}`],
      'copy/source-missing',
    ],
    ['a non-empty target', () => [`sqlite:${db}`, `sqlite:${inFolder('known.db')}`], 'copy/not-empty'],
    ['itself', () => [`sqlite:${db}`, `sqlite:${db}`], 'cli/usage'],
    ['an unknown engine', () => [`sqlite:${db}`, 'mysql://host/db'], 'cli/usage'],
  ])('copy rejects %s', async (_what, addresses, code) => {
    const [from = '', to = ''] = addresses();
    const { status, err } = await clair('db', 'copy', '--from', from, '--to', to);
    expect(status).toBe(2);
    expect(err).toContain(`[${code}]`);
    expect(existsSync(inFolder('none.db'))).toBe(false);
  });
});

describe('a server', () => {
  let server: ClairServer;
  let path: string;
  beforeEach(async () => {
    server = await startClairServer();
    path = join(server.folder, 'db', 'clair.db');
    await knowLayer(server.clair.store, 'layer', [deb('a', '1')]);
    setLastUsedOn(path, 'layer', 1);
    return async () => await server.close();
  });

  it.each(['/v1/layers/layer', '/v1/layers/layer?features', '/v1/layers/layer/os'])(
    'keeps a layer that a client requests by GET %s',
    async (asked) => {
      expect((await server.get(asked)).status).toBe(200);
      await server.clair.housekeeper({ images: 0, layers: 86_400_000, notifications: 0, changeLog: 0 }).run();
      expect(lastUsedOn(path, 'layer')).toBe(dayOf(Date.now()));
    },
  );

  it('keeps a layer that is posted again, and the parent of a posted layer', async () => {
    writeFileSync(join(server.folder, 'layer.tar'), tarOf());
    const { engineVersion } = server.clair.worker;
    for (const name of ['known', 'parent', 'other']) {
      await server.clair.store.layers.insert({ ...newLayer(name, null, []), engineVersion });
      setLastUsedOn(path, name, 1);
    }
    const posted = { Path: join(server.folder, 'layer.tar'), Format: 'Docker' };
    expect((await server.post('/v1/layers', { Layer: { Name: 'known', ...posted } })).status).toBe(201);
    const child = { Name: 'child', ParentName: 'parent', ...posted, Path: join(server.folder, 'none.tar') };
    expect((await server.post('/v1/layers', { Layer: child })).status).not.toBe(201);
    await server.clair.housekeeper({ images: 0, layers: 86_400_000, notifications: 0, changeLog: 0 }).run();
    const today = dayOf(Date.now());
    expect(['known', 'parent', 'other'].map((name) => lastUsedOn(path, name))).toEqual([today, today, undefined]);
  });

  it('exports the database size as metrics', async () => {
    await server.clair.housekeeper({ images: 0, layers: 86_400_000, notifications: 0, changeLog: 0 }).run();
    const text = await (await fetch(`${server.url}/v1/metrics`)).text();
    expect(text).toMatch(/^clair_database_bytes \d{5,}$/m);
    expect(text).toMatch(/^clair_database_table_rows\{table="layer"\} 0$/m);
  });
});
