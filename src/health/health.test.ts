import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { advisory } from '../database/testing/packages.ts';
import { orderedAdvisories } from '../database/queries/vulnerabilities/advisory-order.ts';
import { openStore } from '../database/open-store.ts';
import type { Store } from '../database/contracts/store.ts';
import { createHealth } from './health.ts';

const UPDATED = Date.parse('2026-01-02T03:04:05Z');

let store: Store;
let now: number;
beforeEach(async () => {
  store = await openStore({ type: 'memory' });
  now = UPDATED + 90_500;
});
afterEach(() => store.close());

const check = async (): ReturnType<ReturnType<typeof createHealth>['check']> =>
  await createHealth({ store, now: () => now }).check();

async function update(): Promise<void> {
  await store.vulnerabilities.update({
    feed: 'debian',
    scheme: 'dpkg',
    fetcherVersion: 1,
    advisories: orderedAdvisories([advisory('CVE-1', { package: 'a' })]),
    etag: null,
    lastModified: 'Fri, 02 Jan 2026 03:00:00 GMT',
    recordDiagnostics: { count: 2, skipped: 1, examples: ['CVE-8 skipped', 'CVE-9 taken as affected'] },
    at: UPDATED,
  });
}

describe('the updater', () => {
  it('is not healthy before a feed was tried', async () => {
    expect((await check())['updater']).toEqual({ isHealthy: false, isEssential: false, details: { feeds: [] } });
  });

  it('tells all that is known of each feed', async () => {
    await update();
    expect((await check())['updater']).toEqual({
      isHealthy: true,
      isEssential: false,
      details: {
        feeds: [
          {
            name: 'debian',
            updatedAt: '2026-01-02T03:04:05.000Z',
            attemptedAt: '2026-01-02T03:04:05.000Z',
            ageSeconds: 90,
            isStale: false,
            error: null,
            refused: null,
            fingerprint: 'Fri, 02 Jan 2026 03:00:00 GMT',
            vulnerabilities: 1,
            recordDiagnostics: 2,
            skippedRecords: 1,
          },
        ],
      },
    });
  });

  it.each<[string, () => Promise<void>]>([
    ['failed the last time', () => store.feeds.recordFailure('debian', UPDATED + 60_000, 'no route')],
    ['refused newer data', () => store.feeds.recordFailure('debian', UPDATED, 'shrank', { isRefused: true })],
    ['has data that is too old', () => store.feeds.setStaleAfter('debian', 90_000)],
  ])('is not healthy when a feed %s', async (_name, spoil) => {
    await update();
    await spoil();
    expect((await check())['updater']).toMatchObject({ isHealthy: false });
  });

  it('takes the age of data from the future for none', async () => {
    await update();
    now = UPDATED - 1000;
    expect((await check())['updater']).toMatchObject({ details: { feeds: [{ ageSeconds: 0, isStale: false }] } });
  });
});

it('without a database nothing is healthy, and nothing throws', async () => {
  await store.close();
  expect(await check()).toMatchObject({
    database: { isHealthy: false, isEssential: true, details: { error: expect.any(String) } },
    updater: { isHealthy: false, details: { error: expect.any(String) } },
  });
  store = await openStore({ type: 'memory' });
});
