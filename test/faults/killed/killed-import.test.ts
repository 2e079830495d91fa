import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { orderedAdvisories } from '../../../src/database/queries/vulnerabilities/advisory-order.ts';
import { openStore } from '../../../src/database/open-store.ts';
import type { Store } from '../../../src/database/contracts/store.ts';
import { exportFeeds } from '../../../src/updater/exchange/feed-export.ts';
import { ENRICHERS } from '../../../src/updater/enrichers/index.ts';
import { FETCHERS } from '../../../src/updater/fetchers/index.ts';
import { CLAIR_FILE } from '../../fixtures/clair-program.ts';
import { advisory } from '../../../src/database/testing/packages.ts';

/** The numbers of advisories before the import and in the export; they are also the last part of the fixed versions. */
const OLD = 10;
const NEW = 12_000;

/** The first two feeds, so that a kill can happen between them, and an enrichment feed after them. */
const FEEDS = FETCHERS.slice(0, 2);
const EPSS = { feed: 'epss', kind: 'epss', fetcherVersion: 1 } as const;

const folder = mkdtempSync(join(tmpdir(), 'clair-killed-import-'));
const path = join(folder, 'export');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function fill(store: Store, count: number, at: number): Promise<void> {
  const advisories = Array.from({ length: count }, (_, index) =>
    advisory(`CVE-2099-${index + 10_000}`, { package: 'a', fixed: `1.${count}` }),
  );
  const state = { etag: null, lastModified: null, recordDiagnostics: { count: 0, examples: [] }, at };
  for (const { id: feed, scheme } of FEEDS) {
    const rest = { fetcherVersion: 1, ...state };
    await store.vulnerabilities.update({ feed, scheme, advisories: orderedAdvisories(advisories), ...rest });
  }
  const enrichments = advisories.map(({ id }) => ({ cve: id, value: JSON.stringify({ score: count / NEW }) }));
  await store.enrichments.update({ ...EPSS, ...state, enrichments });
}

beforeAll(async () => {
  const store = await openStore({ type: 'memory' });
  await fill(store, NEW, 2000);
  await exportFeeds(path, { store, fetchers: FETCHERS, enrichers: ENRICHERS, version: '0', now: () => 2000 });
  await store.close();
});

function startImport(database: string): ChildProcess {
  return spawn(execPath, [CLAIR_FILE, 'db', 'import', path, '--db', database], { stdio: 'ignore' });
}

/** Returns the bytes written so far: bytes in the write-ahead log are not in the file yet. */
function written(database: string): number {
  return statSync(`${database}-wal`, { throwIfNoEntry: false })?.size ?? 0;
}

describe('a killed import', () => {
  it.each([
    ['before it writes', 1],
    ['at its first rows', 200_000],
    ['in the middle', 1_500_000],
    ['near its end', 3_000_000],
  ])('%s leaves each feed as it was or as in the export, and the next import works', async (what, bytes) => {
    const database = join(folder, `${what.replaceAll(' ', '-')}.db`);
    const before = await openStore({ type: 'sqlite', path: database });
    await fill(before, OLD, 1000);
    await before.close();
    const killed = startImport(database);
    const exited = once(killed, 'exit');
    while (written(database) < bytes && killed.exitCode === null) await setTimeout(1);
    killed.kill('SIGKILL');
    await exited;

    const store = await openStore({ type: 'sqlite', path: database }, { time: () => Date.now() + 60_000 });
    try {
      const log = await store.changeLog.read({ after: 0, limit: 2 * (OLD + NEW) });
      for (const { id } of FEEDS) {
        const state = await store.feeds.find(id);
        const isNew = state?.lastSuccess === 2000;
        expect(state).toMatchObject({ vulnerabilities: isNew ? NEW : OLD, lastSuccess: isNew ? 2000 : 1000 });
        expect(log.filter(({ feed }) => feed === id)).toHaveLength(isNew ? OLD + NEW : OLD);
        const record = (await store.vulnerabilities.find('CVE-2099-10000')).find(({ feed }) => feed === id);
        expect(record?.affected[0]?.fixed).toBe(isNew ? `1.${NEW}` : `1.${OLD}`);
        // The lock of the dead process expires.
        expect(await store.locks.acquire(`update:${id}`, 'next', 1000)).toBe(true);
        await store.locks.release(`update:${id}`, 'next');
      }
      const { feed } = EPSS;
      const state = await store.feeds.find(feed);
      const isNew = state?.lastSuccess === 2000;
      expect(state).toMatchObject({ vulnerabilities: isNew ? NEW : OLD, lastSuccess: isNew ? 2000 : 1000 });
      const known = await store.enrichments.ofCves(['CVE-2099-10000']);
      expect(known.get('CVE-2099-10000')).toEqual({ epss: { score: isNew ? 1 : OLD / NEW } });
      expect(await store.locks.acquire(`update:${feed}`, 'next', 1000)).toBe(true);
      await store.locks.release(`update:${feed}`, 'next');
    } finally {
      await store.close();
    }
    expect(await once(startImport(database), 'exit')).toEqual([0, null]);
    const whole = await openStore({ type: 'sqlite', path: database });
    const all = [...FEEDS, EPSS].map(() => ({ vulnerabilities: NEW, lastSuccess: 2000 }));
    expect(await whole.feeds.all()).toMatchObject(all);
    await whole.close();
  });
});
