import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { connect } from '../connection.ts';
import { openSqlite } from '../engine.ts';
import { createBackgroundCheckpoints } from './background-checkpoints.ts';

const LARGE = 30_000;

let folder: string;
let path: string;
let connection: Database.Database;
/** The value of `wal_autocheckpoint` at each commit. */
let pagesAtCommit: unknown[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clair-checkpoint-'));
  path = join(folder, 'clair.db');
  connection = connect(path);
  connection.exec('CREATE TABLE item (text TEXT)');
  pagesAtCommit = [];
  const exec = connection.exec.bind(connection);
  connection.exec = (sql): Database.Database => {
    if (sql === 'COMMIT') pagesAtCommit.push(autocheckpoint());
    return exec(sql);
  };
});

afterEach(() => {
  connection.close();
  rmSync(folder, { recursive: true });
});

function autocheckpoint(): unknown {
  return connection.pragma('wal_autocheckpoint', { simple: true });
}

/** Begins a transaction that writes 1 MB, which is less than a checkpoint of SQLite needs. */
function beginItems(): void {
  connection.exec('BEGIN');
  connection.prepare('INSERT INTO item VALUES (?)').run('x'.repeat(1_000_000));
}

it('leaves the checkpoint of a large transaction to the thread, for which `settled` waits', async () => {
  const checkpoints = createBackgroundCheckpoints(path);
  const checkpoint = checkpoints.begin();
  beginItems();
  checkpoint.count(LARGE);
  await checkpoint.commit(connection);
  await checkpoint.end();
  expect([...pagesAtCommit, autocheckpoint()]).toEqual([0, 1000]);
  await checkpoints.settled();
  expect(statSync(path).size).toBeGreaterThan(1_000_000);
});

it('leaves the checkpoint of a small transaction to SQLite', async () => {
  const checkpoints = createBackgroundCheckpoints(path);
  const checkpoint = checkpoints.begin();
  beginItems();
  checkpoint.count(1);
  await checkpoint.commit(connection);
  await checkpoint.end();
  await checkpoints.settled();
  expect(pagesAtCommit).toEqual([1000]);
  expect(statSync(path).size).toBeLessThan(1_000_000);
});

it('runs no checkpoint after a rollback', async () => {
  const checkpoints = createBackgroundCheckpoints(path);
  beginItems();
  connection.exec('COMMIT');
  const checkpoint = checkpoints.begin();
  beginItems();
  checkpoint.count(LARGE);
  connection.exec('ROLLBACK');
  await checkpoint.end();
  await checkpoints.settled();
  expect(statSync(path).size).toBeLessThan(1_000_000);
});

it('leaves the checkpoint to SQLite when the thread fails', async () => {
  const checkpoints = createBackgroundCheckpoints(join(folder, 'missing.db'));
  const checkpoint = checkpoints.begin();
  beginItems();
  checkpoint.count(LARGE);
  await checkpoint.commit(connection);
  await checkpoint.end();
  await checkpoints.settled();
  expect(pagesAtCommit).toEqual([1000]);
  expect(connection.prepare('SELECT COUNT(*) FROM item').pluck().get()).toBe(1);
});

it.each(['commits', 'rolls back'])('%s a transaction of an engine', async (how) => {
  const file = join(folder, 'engine.db');
  const engine = await openSqlite(file);
  const rows = Array.from({ length: LARGE }, (_, at) => [`namespace-${at}-${'x'.repeat(50)}`, 'dpkg']);
  const done = engine.transaction(
    async (queries) => {
      await queries.insertMany({ table: 'namespace', columns: ['name', 'scheme'] }, rows);
      if (how === 'rolls back') throw new Error('the feed ends too early');
    },
    { once: true },
  );
  const [{ status }] = await Promise.allSettled([done]);
  expect(status).toBe(how === 'commits' ? 'fulfilled' : 'rejected');
  expect(await engine.read.get('SELECT COUNT(*) AS count FROM namespace')).toEqual({
    count: how === 'commits' ? LARGE : 0,
  });
  await engine.close();
});
