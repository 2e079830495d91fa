import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { setTimeout } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { openStore } from '../../../src/database/open-store.ts';
import { CLAIR_FILE } from '../../fixtures/clair-program.ts';

const VULNERABILITIES = 20_000;

const folder = mkdtempSync(join(tmpdir(), 'clair-killed-'));
const feed = join(folder, 'feed.json');
const releases = { bookworm: { status: 'resolved', fixed_version: '1.2.3-1', urgency: 'low' } };
const records = Array.from({ length: VULNERABILITIES }, (_, at) => [`CVE-2099-${at + 10_000}`, { releases }]);
writeFileSync(feed, JSON.stringify({ package: Object.fromEntries(records) }));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function startUpdate(database: string): ChildProcess {
  const args = [CLAIR_FILE, 'update', '--feed', 'debian', '--from', feed, '--db', database];
  return spawn(execPath, args, { stdio: 'ignore' });
}

/** Returns the bytes written so far: bytes in the write-ahead log are not in the file yet. */
function written(database: string): number {
  return statSync(`${database}-wal`, { throwIfNoEntry: false })?.size ?? 0;
}

describe('a killed update', () => {
  it.each([
    ['while the database is created', 1],
    ['at its first rows', 200_000],
    ['in the middle', 2_500_000],
  ])('%s leaves no incomplete data, and the next update works', async (what, bytes) => {
    const database = join(folder, `${what.replaceAll(' ', '-')}.db`);
    const killed = startUpdate(database);
    const exited = once(killed, 'exit');
    while (written(database) < bytes && killed.exitCode === null) await setTimeout(1);
    killed.kill('SIGKILL');
    await exited;

    const store = await openStore({ type: 'sqlite', path: database }, { time: () => Date.now() + 60_000 });
    try {
      const state = await store.feeds.find('debian');
      const log = await store.changeLog.read({ after: 0, limit: VULNERABILITIES + 1 });
      const found = await store.vulnerabilities.find('CVE-2099-10000');
      const whole = state?.lastSuccess === undefined || state.lastSuccess === null ? 0 : VULNERABILITIES;
      expect([log.length, found.length]).toEqual([whole, whole === 0 ? 0 : 1]);
      // The lock of the dead process expires.
      expect(await store.locks.acquire('update:debian', 'next', 1000)).toBe(true);
      await store.locks.release('update:debian', 'next');
    } finally {
      await store.close();
    }
    const next = startUpdate(database);
    expect(await once(next, 'exit')).toEqual([0, null]);
  });
});
