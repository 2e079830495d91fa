import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { migrationsOf } from '../../src/database/migrations.ts';
import { openPostgres } from '../../src/database/engines/postgres/engine.ts';
import { openSqlite } from '../../src/database/engines/sqlite/engine.ts';
import { runCli } from '../../src/cli/program.ts';
import { newPostgresSource } from '../../src/database/testing/stores.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-migration-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function migrate(...args: readonly string[]): Promise<{ readonly status: number; readonly said: string }> {
  let said = '';
  const { signal } = new AbortController();
  const write = (text: string): void => void (said += text);
  const status = await runCli(['db', 'migrate', ...args], { out: write, err: write, signal });
  return { status, said };
}

describe.each([
  ['sqlite', () => join(folder, 'sqlite.db'), openSqlite],
  ['postgres', newPostgresSource, openPostgres],
] as const)('clair db migrate on %s', (engine, newDatabase, open) => {
  const newest = migrationsOf(engine).at(-1)?.version ?? 0;
  const database = newDatabase();

  it('creates the tables once for concurrent processes', async () => {
    const outcomes = await Promise.all([1, 2, 3].map(() => migrate('--db', database)));
    expect(outcomes.map(({ said }) => said).toSorted()).toEqual([
      `Created the tables with schema version ${newest}.\n`,
      `The schema is current (version ${newest}).\n`,
      `The schema is current (version ${newest}).\n`,
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual([0, 0, 0]);
  });

  it('leaves a database of a newer version unchanged', async () => {
    const opened = await open(database);
    await opened.transaction((queries) => queries.run('INSERT INTO schema_migration VALUES (?, 0)', [9999]));
    await opened.close();
    const outcome = await migrate('--db', database);
    expect(outcome).toEqual({ status: 2, said: expect.stringContaining('[database/newer-schema]') });
  });
});

it('uses the database of the configuration file', async () => {
  const file = join(folder, 'clair.yaml');
  writeFileSync(file, stringify({ database: { type: 'sqlite', path: join(folder, 'configured.db') } }));
  expect((await migrate('--config', file)).said).toContain('Created the tables');
  expect((await migrate('--db', join(folder, 'configured.db'))).said).toContain('The schema is current');
});

it('rejects a database of a development version without changes, with a next step', async () => {
  const path = join(folder, 'earlier.db');
  const database = new Database(path);
  database.exec('CREATE TABLE schema_migration (version INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL)');
  database.exec('INSERT INTO schema_migration VALUES (1, 0)');
  database.close();
  const outcome = await migrate('--db', path);
  expect(outcome.status).toBe(2);
  expect(outcome.said).toMatch(
    /has schema 1 of a development version[\s\S]*clair db import[\s\S]*\[database\/older-schema\]/,
  );
  const opened = new Database(path);
  const tables = opened.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all();
  opened.close();
  expect(tables).toEqual(['schema_migration']);
});
