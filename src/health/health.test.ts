import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { advisory } from '../database/testing/packages.ts';
import { orderedAdvisories } from '../database/queries/vulnerabilities/advisory-order.ts';
import { memoryStore } from '../database/testing/memory-store.ts';
import type { ReplicaStatus } from '../database/engines/replica-status.ts';
import type { Store } from '../database/contracts/store.ts';
import { createHealth } from './health.ts';

const UPDATED = Date.parse('2026-01-02T03:04:05Z');

let store: Store;
let now: number;
beforeEach(async () => {
  store = await memoryStore();
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
    recordDiagnostics: { count: 2, skipped: 1, examples: [{ kind: 'skipped', message: 'CVE-8 skipped' }] },
    at: UPDATED,
  });
}

describe('the replica', () => {
  const withReplica = (state: ReplicaStatus['state'], isPrimaryUp: boolean): Store => ({
    ...store,
    replica: () => ({ state, lag: 1500, isPrimaryUp, answers: { replica: 0, primary: 0 } }),
    check: async () => await (isPrimaryUp ? store.check() : Promise.reject(new Error('down'))),
  });

  it.each<[ReplicaStatus['state'], boolean, boolean]>([
    ['serving', true, true],
    ['behind', true, true],
    // In this state, the instance still serves reads from the replica.
    ['serving', false, false],
    ['unavailable', false, true],
  ])('that is %s, with a primary (%s), makes the primary essential: %s', async (state, isPrimaryUp, isEssential) => {
    const health = await createHealth({ store: withReplica(state, isPrimaryUp), now: () => now }).check();
    expect(health['replica']).toEqual({
      isHealthy: state === 'serving',
      isEssential: false,
      details: { state, lagMilliseconds: 1500 },
    });
    expect(health['database']).toMatchObject({ isHealthy: isPrimaryUp, isEssential });
  });
});

describe('the updater', () => {
  it('is unhealthy before the first update', async () => {
    expect((await check())['updater']).toEqual({ isHealthy: false, isEssential: false, details: { feeds: [] } });
  });

  it('returns the state of each feed', async () => {
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
    ['has a failed last update', () => store.feeds.recordFailure('debian', UPDATED + 60_000, 'no route')],
    ['has a refused update', () => store.feeds.recordFailure('debian', UPDATED, 'shrank', { isRefused: true })],
    ['is stale', () => store.feeds.setStaleAfter('debian', 90_000)],
  ])('is unhealthy when a feed %s', async (_name, spoil) => {
    await update();
    await spoil();
    expect((await check())['updater']).toMatchObject({ isHealthy: false });
  });

  it('treats data with a time in the future as new', async () => {
    await update();
    now = UPDATED - 1000;
    expect((await check())['updater']).toMatchObject({ details: { feeds: [{ ageSeconds: 0, isStale: false }] } });
  });
});

it('without a database every service is unhealthy and the check does not throw', async () => {
  await store.close();
  expect(await check()).toMatchObject({
    database: { isHealthy: false, isEssential: true, details: { error: expect.any(String) } },
    updater: { isHealthy: false, details: { error: expect.any(String) } },
  });
  store = await memoryStore();
});
