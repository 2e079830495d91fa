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

const MOMENTS = runCount(20, 10);

/** The lock of a dead process has expired by then. */
const AFTER_THE_LOCK_MS = 120_000;

/** The time of the first import; that of the others is now. */
const OLD_TIME = 1000;

/** When something was noted, which differs from run to run. */
const TIMES = ['change_log.at'];

/** More than the lock of an update takes: whoever wrote so much was writing the update itself. */
const BYTES_OF_AN_UPDATE = 64 * 1024;

const seed = Number(env['CLAIR_KILL_SEED'] ?? Date.now() % 1_000_000);
console.info(`the moments of the kills are those of CLAIR_KILL_SEED=${seed}`);

const folder = mkdtempSync(join(tmpdir(), 'clair-killed-change-'));
const at = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** From the old feed to the new one some are withdrawn, some changed, some left alone and some added. */
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

/** What an update that nobody disturbs takes: from its first bytes to its end, and in its write-ahead log at most. */
const whole = { milliseconds: 0, bytes: 0 };
const digests = { old: '', new: '' };

function copyOfOld(name: string): string {
  copyFileSync(at('old.db'), at(name));
  return at(name);
}

/** How much lies in the log beside a database: what a process has written is there before it is in the file. */
function written(database: string): number {
  return statSync(`${database}-wal`, { throwIfNoEntry: false })?.size ?? 0;
}

type Running = { readonly process: ChildProcess; readonly exited: Promise<unknown>; readonly start: number };

/** Starts an update of a database, and waits for the first bytes that it writes. */
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
 * Half of the moments are chosen over the time of an update, half over what it writes: most of that is one commit. Each half has
 * one moment at random in each of its equal parts.
 */
const moments = Array.from({ length: MOMENTS }, (_, number) => {
  const part = Math.floor(number / 2) + randomOf(seed, number).below(1_000_000) / 1_000_000;
  const share = part / (MOMENTS / 2);
  return { number, share, over: number % 2 === 0 ? ('milliseconds' as const) : ('bytes' as const) };
});

/** How each update was found after it was killed. */
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

  it('was at work in most of these moments, and was writing in some', () => {
    const killedAtWork = found.filter(({ isLocked }) => isLocked);
    expect(killedAtWork.length).toBeGreaterThanOrEqual(MOMENTS / 2);
    const killedWriting = killedAtWork.filter(({ isNew, bytes }) => !isNew && bytes > BYTES_OF_AN_UPDATE);
    expect(killedWriting.length).toBeGreaterThanOrEqual(runCount(3, 2));
  });
});

/** What a database says of the source, and whether the process that updated it still held its lock. */
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
