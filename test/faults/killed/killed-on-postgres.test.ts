import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../../src/database/open-store.ts';
import { openPostgres } from '../../../src/database/engines/postgres/engine.ts';
import { builtProcess } from '../../fixtures/clair-program.ts';
import { newPostgresSource } from '../../../src/database/testing/stores.ts';
import { updateFrom } from './feed-update.ts';

const UPDATE_PROCESS = builtProcess('update-process');
const VULNERABILITIES = 1500;

const folder = mkdtempSync(join(tmpdir(), 'clair-killed-postgres-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/**
 * Writes a feed. Compared with the old feed, the new feed withdraws a third of the advisories, adds as many, and
 * changes every third remaining advisory.
 */
function writeFeed(name: string, from: number, version: string): string {
  const cves = Array.from({ length: VULNERABILITIES }, (_, at) => from + at);
  const records = cves.map((cve) => {
    const release = { status: 'resolved', fixed_version: cve % 3 === 0 ? version : '1.2.3-1', urgency: 'low' };
    return [`CVE-2099-${cve}`, { releases: { bookworm: release } }] as const;
  });
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify({ package: Object.fromEntries(records) }));
  return path;
}

/** 500 advisories are withdrawn, 500 are added, and every third remaining advisory is changed. */
const CHANGES = 500 + 500 + 334;

const OLD = writeFeed('old.json', 10_000, '1.2.3-1');
const NEW = writeFeed('new.json', 10_000 + VULNERABILITIES / 3, '1.2.3-2');

function startUpdate(source: string): ChildProcess {
  return spawn(execPath, [UPDATE_PROCESS, source, NEW], { stdio: ['ignore', 'ignore', 'inherit'] });
}

async function untilWriting(source: string, update: ChildProcess): Promise<void> {
  const name = new URL(source).searchParams.get('application_name');
  const engine = await openPostgres(source.replace(/&application_name=[^&]*/, ''));
  const writing = "SELECT 1 FROM pg_stat_activity WHERE application_name = ? AND query LIKE 'COPY%'";
  try {
    while (update.exitCode === null && (await engine.read.get(writing, [name])) === undefined) await setTimeout(1);
  } finally {
    await engine.close();
  }
}

let duration = 0;

beforeAll(async () => {
  const source = `${newPostgresSource()}&application_name=undisturbed`;
  await updateFrom(OLD, source, () => 1000);
  const update = startUpdate(source);
  const exited = once(update, 'exit');
  await untilWriting(source, update);
  const start = performance.now();
  expect(await exited).toEqual([0, null]);
  duration = performance.now() - start;
});

const killedAtWork: boolean[] = [];

describe('a killed update on PostgreSQL', () => {
  it.each([0, 0.4, 0.8, 3])('at %d of its duration leaves the old data or the new, and no lock', async (share) => {
    const source = `${newPostgresSource()}&application_name=killed-${share * 10}`;
    await updateFrom(OLD, source, () => 1000);
    const killed = startUpdate(source);
    const exited = once(killed, 'exit');
    await untilWriting(source, killed);
    await setTimeout(share * duration);
    killed.kill('SIGKILL');
    await exited;

    const store = await openStore({ type: 'postgres', source }, { time: () => Date.now() + 120_000 });
    try {
      // The server rolls back when it detects the lost connection.
      await expect.poll(() => store.locks.acquire('update:debian', 'next', 1)).toBe(true);
      await store.locks.release('update:debian', 'next');
      const { length } = await store.changeLog.read({ after: 0, limit: 3 * VULNERABILITIES });
      const isNew = length > VULNERABILITIES;
      killedAtWork.push(!isNew);
      const found = async (cve: number): Promise<unknown> =>
        (await store.vulnerabilities.find(`CVE-2099-${cve}`)).map(({ affected }) => affected[0]?.fixed);
      expect(await found(10_000)).toEqual(isNew ? [] : ['1.2.3-1']);
      expect(await found(10_500)).toEqual([isNew ? '1.2.3-2' : '1.2.3-1']);
      expect(await found(11_999)).toEqual(isNew ? ['1.2.3-1'] : []);
      expect(await store.feeds.find('debian')).toMatchObject({ error: null, vulnerabilities: VULNERABILITIES });
      expect(length).toBe(isNew ? VULNERABILITIES + CHANGES : VULNERABILITIES);
    } finally {
      await store.close();
    }
  });

  it('was running in some of these moments, and finished in others', () => {
    expect(new Set(killedAtWork)).toEqual(new Set([true, false]));
  });
});
