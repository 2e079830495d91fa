import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { advisory, deb, digestOf } from './testing/packages.ts';
import { ENGINES, newLayer } from './testing/stores.ts';
import type { FeatureChange } from '../model/layer.ts';
import { orderedAdvisories } from './queries/vulnerabilities/advisory-order.ts';
import { openStore } from './open-store.ts';
import type { Store } from './contracts/store.ts';
import type { UpdateCounts } from './contracts/vulnerabilities.ts';

const SHARED = ENGINES.filter(([engine]) => engine !== 'memory');

describe.each(SHARED)('several stores on one %s database', (_, options) => {
  let stores: readonly Store[];
  beforeEach(async () => {
    const database = options();
    stores = await Promise.all([openStore(database), openStore(database), openStore(database)]);
  });
  afterEach(async () => {
    await Promise.all(stores.map((store) => store.close()));
  });

  const storeOf = (at: number): Store => stores[at % stores.length]!;

  const update = async (
    store: Store,
    feed: string,
    version: string,
    packages: readonly string[],
  ): Promise<UpdateCounts> =>
    await store.vulnerabilities.update({
      feed,
      scheme: 'dpkg',
      fetcherVersion: 1,
      advisories: orderedAdvisories(
        packages.map((name, at) => advisory(`CVE-2099-${at + 10_000}`, { package: name, fixed: version })),
      ),
      etag: null,
      lastModified: null,
      recordDiagnostics: { count: 0, examples: [] },
      at: 1,
    });

  it('store a layer that all receive at the same time only once, with all its packages', async () => {
    const changes = Array.from(
      { length: 200 },
      (_none, at): FeatureChange => ({
        feature: deb(`package-${at}`, '1'),
        path: '',
        namespace: 'debian:12',
        originDepth: 0,
        change: 1,
      }),
    );
    const inserted = await Promise.all(
      Array.from({ length: 12 }, (_none, at) =>
        storeOf(at).layers.insert(newLayer('one', null, at % 2 === 0 ? changes : changes.toReversed())),
      ),
    );
    expect(new Set(inserted.map(({ id }) => id)).size).toBe(1);
    expect(await storeOf(1).layers.features(inserted[0]!.id)).toHaveLength(200);
    await update(storeOf(2), 'debian', '2', ['package-0', 'package-199']);
    expect(await storeOf(0).matches.ofLayer(inserted[0]!.id)).toHaveLength(2);
  });

  it('store layers with the same packages in any order during an update', async () => {
    const names = Array.from({ length: 300 }, (_none, at) => `package-${(at * 7) % 300}`);
    const layers = Array.from({ length: 12 }, async (_none, at) => {
      const own = at % 2 === 0 ? names.slice(at) : names.slice(0, 300 - at).toReversed();
      const changes = own.map(
        (name): FeatureChange => ({
          feature: deb(name, '1'),
          path: '',
          namespace: 'debian:12',
          originDepth: 0,
          change: 1,
        }),
      );
      return await storeOf(at).layers.insert({ ...newLayer(`layer-${at}`, null, changes), digest: digestOf('b') });
    });
    const updates = ['debian', 'other', 'third'].map((feed, at) => update(storeOf(at), feed, '2', names));
    await Promise.all(updates);
    for (const [at, { id }] of (await Promise.all(layers)).entries()) {
      expect(await storeOf(at).layers.features(id)).toHaveLength(300 - at);
      expect(await storeOf(at).matches.ofLayer(id)).toHaveLength(3 * (300 - at));
    }
  });

  it('store the data of the last update and log each change once', async () => {
    const packages = Array.from({ length: 1500 }, (_none, at) => `package-${at}`);
    const counts = await Promise.all([
      update(storeOf(0), 'debian', '2', packages),
      update(storeOf(1), 'debian', '2', packages),
      update(storeOf(2), 'other', '3', packages),
      update(storeOf(0), 'debian', '2', packages),
    ]);
    expect(counts.map(({ added }) => added).toSorted(ascending)).toEqual([0, 0, 1500, 1500]);
    expect(counts.map(({ unchanged }) => unchanged).toSorted(ascending)).toEqual([0, 0, 1500, 1500]);
    const log = await storeOf(1).changeLog.read({ after: 0, limit: 5000 });
    expect(new Set(log.map(({ feed, name }) => `${feed} ${name}`)).size).toBe(3000);
    expect(log).toHaveLength(3000);
    expect(await storeOf(1).vulnerabilities.find('CVE-2099-10000')).toMatchObject([
      { feed: 'debian', affected: [{ fixed: '2' }] },
      { feed: 'other', affected: [{ fixed: '3' }] },
    ]);
  });

  it('show every change to a reader of the change log', async () => {
    const seen: string[] = [];
    let after = 0;
    const read = async (): Promise<void> => {
      const page = await storeOf(2).changeLog.read({ after, limit: 100 });
      seen.push(...page.map(({ feed, name }) => `${feed} ${name}`));
      after = page.at(-1)?.id ?? after;
    };
    const sizes = [400, 10, 200, 1, 300, 50];
    const done = new AbortController();
    const updates = Promise.all(
      sizes.map((size, at) =>
        update(
          storeOf(at),
          `source-${at}`,
          '2',
          Array.from({ length: size }, (_none, number) => `package-${number}`),
        ),
      ),
    ).finally(() => {
      done.abort();
    });
    while (!done.signal.aborted) {
      await read();
      // Yield to the event loop, because reads may never yield, and the other stores could not run.
      await setImmediate();
    }
    await updates;
    for (let last = -1; last !== after; ) {
      last = after;
      await read();
    }
    expect(seen).toHaveLength(sizes.reduce((sum, size) => sum + size, 0));
  });

  it('create notifications once and lease each to one of several concurrent callers', async () => {
    expect(await storeOf(0).notifications.cursor()).toBe(0);
    await update(
      storeOf(0),
      'debian',
      '2',
      Array.from({ length: 60 }, (_none, at) => `package-${at}`),
    );
    const changes = await storeOf(1).changeLog.read({ after: 0, limit: 100 });
    const step = { from: 0, to: changes.at(-1)?.id ?? 0 };
    const moved = await Promise.all(
      stores.map((store, at) =>
        store.notifications.advance({
          ...step,
          notifications: changes.map(({ id }) => ({ name: `${at} ${id}`, change: id, kind: 'new', createdAt: 1 })),
        }),
      ),
    );
    expect(moved.filter(Boolean)).toEqual([true]);
    const claimed = await Promise.all(
      Array.from({ length: 14 }, (_none, at) =>
        storeOf(at).notifications.claim({ owner: `${at}`, lease: 1000, limit: 5 }),
      ),
    );
    const claimedChanges = claimed.flat().map(({ change }) => change);
    expect(claimedChanges.toSorted((a, b) => a - b)).toEqual(changes.map(({ id }) => id));
  });

  it('keep a parent for which another store adds a child, or report that the parent is removed', async () => {
    const inTwoDays = Date.now() + 2 * 86_400_000;
    const packages = (from: number): FeatureChange[] =>
      Array.from({ length: 20 }, (_none, at) => ({
        feature: deb(`package-${from + at}`, '1'),
        path: '',
        namespace: 'debian:12',
        originDepth: 0,
        change: 1,
      }));
    for (let round = 0; round < 10; round += 1) {
      const [name, above] = [`base-${round}`, `above-${round}`];
      const base = await storeOf(0).layers.insert(newLayer(name, null, packages(0)));
      const plan = await storeOf(0).retention.plan({ layers: inTwoDays });
      const [child, other] = await Promise.allSettled([
        storeOf(1).layers.insert(newLayer(above, base, packages(20))),
        storeOf(2).layers.insert(newLayer(`other-${round}`, null, packages(0))),
        storeOf(0).retention.apply(plan),
      ]);
      expect(other.status).toBe('fulfilled');
      const kept = await storeOf(2).layers.find(name);
      const built = await storeOf(2).layers.find(above);
      const outcome =
        child.status === 'rejected'
          ? { code: child.reason.code, kept, built }
          : { kept: kept?.id, packages: (await storeOf(2).layers.features(child.value.id)).length };
      expect([
        { code: 'layer/parent-unknown', kept: undefined, built: undefined },
        { kept: base.id, packages: 40 },
      ]).toContainEqual(outcome);
      const stored = await storeOf(1).layers.find(`other-${round}`);
      expect(await storeOf(1).layers.features(stored?.id ?? 0)).toHaveLength(20);
    }
  });

  it('give a lock to one of several concurrent callers', async () => {
    const taken = await Promise.all(
      Array.from({ length: 12 }, (_none, at) => storeOf(at).locks.acquire('update:debian', `owner-${at}`, 60_000)),
    );
    expect(taken.filter(Boolean)).toHaveLength(1);
  });
});

function ascending(one: number, other: number): number {
  return one - other;
}
