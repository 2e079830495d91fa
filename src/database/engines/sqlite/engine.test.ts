import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, describe, expect, it } from 'vitest';
import type { Engine } from '../engine.ts';
import { emptySqlite } from '../../testing/memory-store.ts';
import { openSqlite } from './engine.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-sqlite-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes a migrated database, which opens sooner than a new database. */
function migrated(path: string): string {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, emptySqlite());
  return path;
}

const SET = 'INSERT INTO flag (name, value) VALUES (?, ?)';
const flags = async (engine: Engine): Promise<string[]> =>
  (await engine.read.all<{ name: string }>('SELECT name FROM flag ORDER BY name')).map(({ name }) => name);

describe('the check of a file', () => {
  it.each<[string, (path: string) => void, RegExp]>([
    ['is removed', (path) => rmSync(path), /was removed while this process was using it/],
    [
      'is replaced',
      (path) => {
        copyFileSync(path, `${path}.new`);
        renameSync(`${path}.new`, path);
      },
      /was replaced by another file while this process was using it: restart the process/,
    ],
    [
      'is in a directory that became a file',
      (path) => {
        renameSync(join(path, '..'), join(path, '../../moved'));
        writeFileSync(join(path, '..'), '');
      },
      /clair.db was removed/,
    ],
  ])('fails when it %s', async (_what, change, message) => {
    const path = migrated(join(mkdtempSync(join(folder, 'check-')), 'data', 'clair.db'));
    const engine = await openSqlite(path);
    await engine.check();
    await engine.transaction(async (queries) => {
      await queries.run(SET, ['under way', '']);
      // A long import must not make the server unhealthy.
      await engine.check();
    });
    expect(readdirSync(join(path, '..')).filter((name) => name.endsWith('.probe'))).toEqual([]);
    change(path);
    await expect(engine.check()).rejects.toMatchObject({
      code: 'database/unavailable',
      message: expect.stringMatching(message),
    });
    await engine.close();
  });
});

describe.each<[string, string | undefined]>([
  ['in memory', undefined],
  ['in a file', migrated(join(folder, 'engine.db'))],
])('the embedded engine %s', (_, path) => {
  it('runs transactions one after the other and rolls back a failed transaction', async () => {
    const engine = await openSqlite(path);
    const steps: string[] = [];
    const first = engine.transaction(async (queries) => {
      await queries.run(SET, ['first', '']);
      await new Promise((resolve) => setTimeout(resolve, 20));
      steps.push('first');
    });
    const failing = engine.transaction(async (queries) => {
      await queries.run(SET, ['failing', '']);
      throw new Error('no');
    });
    const last = engine.transaction(async (queries) => {
      steps.push('last');
      await queries.run(SET, ['last', '']);
    });
    await expect(failing).rejects.toThrow('no');
    await Promise.all([first, last]);
    expect(steps).toEqual(['first', 'last']);
    expect(await flags(engine)).toEqual(['first', 'last']);
    await engine.close();
  });

  it('has a new version after each commit and the same version after a read', async () => {
    const engine = await openSqlite(path);
    const before = await engine.version();
    await flags(engine);
    expect(await engine.version()).toBe(before);
    const seen = new Set([before]);
    for (const name of ['one', 'two']) {
      await engine.transaction((queries) => queries.run(SET, [name, '']));
      seen.add(await engine.version());
    }
    await engine.transaction((queries) => queries.run('DELETE FROM flag', []));
    expect(seen.add(await engine.version())).toHaveLength(4);
    await engine.close();
  });

  it('never shows uncommitted data to a reader', async () => {
    const engine = await openSqlite(path);
    const before = await flags(engine);
    let seen: Promise<string[]> = Promise.resolve([]);
    const failing = engine.transaction(async (queries) => {
      await queries.run(SET, ['uncommitted', '']);
      seen = flags(engine);
      await new Promise((resolve) => setTimeout(resolve, 20));
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await seen).toEqual(before);
    await engine.close();
  });
});

describe('the file of the embedded engine', () => {
  it('keeps its data when it is opened again', async () => {
    const path = join(folder, 'new', 'again.db');
    const engine = await openSqlite(path);
    await engine.transaction((queries) => queries.run(SET, ['kept', '']));
    await engine.close();
    const again = await openSqlite(path);
    expect(await flags(again)).toEqual(['kept']);
    await again.close();
  });

  it('can be opened by several processes at once', async () => {
    const path = join(folder, 'shared.db');
    const engines = await Promise.all([openSqlite(path), openSqlite(path), openSqlite(path)]);
    await Promise.all(engines.map((engine, at) => engine.transaction((queries) => queries.run(SET, [`${at}`, '']))));
    for (const engine of engines) expect(await flags(engine)).toEqual(['0', '1', '2']);
    await Promise.all(engines.map((engine) => engine.close()));
  });

  it('inserts columns that are equal in all rows of a call, in some rows, and in none', async () => {
    const engine = await openSqlite(migrated(join(folder, 'equal-columns.db')));
    const columns = ['none', 'blank', 'word', 'number', 'bytes', 'some', 'text'];
    const target = { table: 'item', columns };
    const bytes = Buffer.from([0, 255]);
    const rows = Array.from({ length: 130 }, (_, at) => [
      null,
      '',
      '@p0, ?',
      7,
      bytes,
      at % 3 === 0 ? null : at % 3 === 1 ? '' : 'x',
      `${at}`,
    ]);
    const equal = rows.map(() => rows[0] ?? []);
    await engine.transaction(async (queries) => {
      await queries.run(`CREATE TABLE item (${columns.join(', ')})`);
      await queries.insertMany(target, rows);
      await queries.insertMany(
        target,
        rows.map((row) => row.toReversed()),
      );
      await queries.insertMany(target, equal);
    });
    const stored = await engine.read.all<Record<string, unknown>>('SELECT * FROM item ORDER BY rowid');
    expect(stored.map((row) => Object.values(row))).toEqual([
      ...rows,
      ...rows.map((row) => row.toReversed()),
      ...equal,
    ]);
    await engine.close();
  });

  it('has a new version after a commit through another engine', async () => {
    const path = migrated(join(folder, 'two-writers.db'));
    const [engine, other] = await Promise.all([openSqlite(path), openSqlite(path)]);
    const before = await engine.version();
    await other.transaction((queries) => queries.run(SET, ['other', '']));
    expect(await engine.version()).not.toBe(before);
    await engine.close();
    await other.close();
  });

  it('is rejected when it is not a database', async () => {
    const path = join(folder, 'text.db');
    writeFileSync(path, 'This is a text of more than a hundred bytes, '.repeat(20));
    await expect(openSqlite(path)).rejects.toMatchObject({ code: 'database/unavailable' });
  });

  it('is rejected when it is a directory or below a file', async () => {
    await expect(openSqlite(folder)).rejects.toMatchObject({ code: 'database/unavailable' });
    await expect(openSqlite('/dev/null/clair.db')).rejects.toMatchObject({ code: 'database/unavailable' });
  });

  it('is rejected when a later release wrote it', async () => {
    const path = migrated(join(folder, 'newer.db'));
    await (await openSqlite(path)).close();
    const raw = new Database(path);
    raw.exec('INSERT INTO schema_migration VALUES (999, 0)');
    raw.close();
    await expect(openSqlite(path)).rejects.toMatchObject({ code: 'database/newer-schema' });
  });
});
