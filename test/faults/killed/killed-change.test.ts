import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env, execPath } from 'node:process';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../../src/database/open-store.ts';
import type { FeedState } from '../../../src/model/feed.ts';
import { builtProcess } from '../../fixtures/clair-program.ts';
import { digestOfDatabase } from '../../../src/database/testing/database-digest.ts';
import { updateFrom } from './feed-update.ts';
import { randomOf } from '../fuzz/random.ts';
import { runCount } from '../../fixtures/run-count.ts';

const UPDATE_PROCESS = builtProcess('update-process');

const MOMENTS = runCount(20, 5);

/** After this time, the lock of a dead process has expired. */
const AFTER_THE_LOCK_MS = 120_000;

/** The time of the first import; later imports use the current time. */
const OLD_TIME = 1000;

/** Times, which differ between runs. */
const TIMES = ['change_log.at', 'feed_update.at'];

/**
 * More bytes than the lock of an update takes: a process that wrote this much has started to write the update itself.
 */
const BYTES_OF_AN_UPDATE = 64 * 1024;

const seed = Number(env['CLAIR_KILL_SEED'] ?? Date.now() % 1_000_000);
console.info(`repeat these kills with CLAIR_KILL_SEED=${seed}`);

const folder = mkdtempSync(join(tmpdir(), 'clair-killed-change-'));
const at = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/**
 * Writes a feed. Compared with the old feed, some advisories of the new feed are withdrawn, changed, unchanged and
 * added.
 */
function writeFeed(name: string, from: number, to: number, versionOf: (cve: number) => string): string {
  const feed: Record<string, Record<string, object>> = {};
  for (let cve = from; cve < to; cve += 1) {
    const release = { status: 'resolved', fixed_version: versionOf(cve), urgency: 'low' };
    (feed[`package-${cve % 97}`] ??= {})[`CVE-2099-${cve}`] = { releases: { bookworm: release, trixie: release } };
  }
  writeFileSync(at(name), JSON.stringify(feed));
  return at(name);
}

const oldFeed = writeFeed('old.json', 10_000, 14_000, () => '1.2.3-1');
const newFeed = writeFeed('new.json', 11_000, 16_000, (cve) => (cve < 12_500 ? '1.2.3-2' : '1.2.3-1'));

/**
 * The duration of an undisturbed update, from its first written bytes on, and the largest size of its write-ahead log.
 */
const whole = { milliseconds: 0, bytes: 0 };
const digests = { old: '', new: '' };

function copyOfOld(name: string): string {
  copyFileSync(at('old.db'), at(name));
  return at(name);
}

/** Returns the size of the write-ahead log, which receives all writes before the database file. */
function written(database: string): number {
  return statSync(`${database}-wal`, { throwIfNoEntry: false })?.size ?? 0;
}

type Running = { readonly process: ChildProcess; readonly exited: Promise<unknown>; readonly start: number };

async function startUpdate(database: string): Promise<Running> {
  const args = [UPDATE_PROCESS, database, newFeed];
  const process = spawn(execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const exited = once(process, 'exit');
  while (written(database) === 0 && process.exitCode === null) await setTimeout(1);
  return { process, exited, start: performance.now() };
}

beforeAll(async () => {
  await updateFrom(oldFeed, at('old.db'), () => OLD_TIME);
  digests.old = digestOfDatabase(at('old.db'), TIMES);
  const database = copyOfOld('undisturbed.db');
  const { process, exited, start } = await startUpdate(database);
  while (process.exitCode === null) {
    whole.bytes = Math.max(whole.bytes, written(database));
    await setTimeout(1);
  }
  expect(await exited).toEqual([0, null]);
  whole.milliseconds = performance.now() - start;
  digests.new = digestOfDatabase(database, TIMES);
  expect(digests.new).not.toBe(digests.old);
});

/**
 * The moments of the kills. Half of the moments are spread over the duration of an update, and half over the written
 * bytes, most of which belong to one commit. The duration and the bytes are divided into equal parts, each with one
 * random moment.
 */
const moments = Array.from({ length: MOMENTS }, (_, number) => {
  const part = Math.floor(number / 2) + randomOf(seed, number).below(1_000_000) / 1_000_000;
  const share = part / (MOMENTS / 2);
  return { number, share, over: number % 2 === 0 ? ('milliseconds' as const) : ('bytes' as const) };
});

const found: { readonly isLocked: boolean; readonly isNew: boolean; readonly bytes: number }[] = [];

describe('an update that changes, adds and withdraws records, killed', () => {
  it.each(moments)('at $share of its $over leaves the old data or the new', async ({ number, share, over }) => {
    const database = copyOfOld(`${number}.db`);
    const { process, exited, start } = await startUpdate(database);
    const done = (): number => (over === 'bytes' ? written(database) : performance.now() - start);
    while (done() < share * whole[over] && process.exitCode === null) await setTimeout(1);
    process.kill('SIGKILL');
    await exited;

    const bytes = written(database);
    const { state, isLocked } = await look(database);
    const isNew = state?.lastSuccess !== OLD_TIME;
    found.push({ isLocked, isNew, bytes });
    expect(state).toMatchObject({ error: null, vulnerabilities: isNew ? 5000 : 4000 });
    expect(digestOfDatabase(database, TIMES)).toBe(isNew ? digests.new : digests.old);

    await updateFrom(newFeed, database, () => Date.now() + AFTER_THE_LOCK_MS);
    expect(digestOfDatabase(database, TIMES)).toBe(digests.new);
  });

  it('was running in most of these moments, and was writing in some', () => {
    const killedAtWork = found.filter(({ isLocked }) => isLocked);
    expect(killedAtWork.length).toBeGreaterThanOrEqual(MOMENTS / 2);
    const killedWriting = killedAtWork.filter(({ isNew, bytes }) => !isNew && bytes > BYTES_OF_AN_UPDATE);
    expect(killedWriting.length).toBeGreaterThanOrEqual(runCount(3, 1));
  });
});

/** Returns the feed state of a database, and whether the killed process still holds its lock. */
async function look(database: string): Promise<{ state: FeedState | undefined; isLocked: boolean }> {
  const store = await openStore({ type: 'sqlite', path: database });
  try {
    const state = await store.feeds.find('debian');
    const isFree = await store.locks.acquire('update:debian', 'test', 1);
    return { state, isLocked: !isFree };
  } finally {
    await store.close();
  }
}
