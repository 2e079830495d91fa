import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../database/contracts/store.ts';
import type { EntryPosition, UpdateEntry } from '../database/contracts/update-notifications.ts';
import { openStore } from '../database/open-store.ts';
import { advisory, deb } from '../database/testing/packages.ts';
import { knowLayer, publish } from '../database/testing/store-content.ts';
import { ENGINES, newLayer, NO_CONTENTS } from '../database/testing/stores.ts';
import type { AffectedPackage } from '../model/advisories/advisory.ts';
import type { Layer } from '../model/layer.ts';
import { createPlanner, type Planner } from './planner.ts';

type Said = Partial<AffectedPackage> & { readonly package: string };
type Feed = Readonly<Record<string, readonly Said[]>>;

describe.each(ENGINES)('notifications per update on %s', (_, options) => {
  let store: Store;
  let names = 0;
  const never = new AbortController().signal;

  const plannerFor = (updates: 'summary' | 'all', of: Store = store, owner = 'one'): Planner =>
    createPlanner({
      store: of,
      owner,
      now: () => 5000,
      newName: () => `n${(names += 1)}`,
      wanted: { changes: false, updates },
    });

  beforeEach(async () => {
    store = await openStore(options(), { time: () => 5000 });
    names = 0;
    const base = await knowLayer(store, 'base', [deb('a', '2'), deb('b', '2')]);
    const above = await store.layers.insert(
      newLayer('above', base, [
        { feature: deb('b', '2'), path: '', namespace: 'debian:12', originDepth: 1, change: -1 },
        { feature: deb('b', '9'), path: '', namespace: 'debian:12', originDepth: 1, change: 1 },
      ]),
    );
    await knowLayer(store, 'in no image', [deb('c', '1')]);
    await image('1', base);
    await image('2', above);
    await image('3', base);
  });
  afterEach(() => store.close());

  async function image(digit: string, leaf: Layer): Promise<void> {
    const digest = `sha256:${digit.repeat(64)}` as const;
    const about = { digest, reference: digit, target: '', platform: '', leaf: leaf.id, scannedAt: 1 };
    await store.images.record({ ...NO_CONTENTS, ...about });
  }

  async function feedOf(said: Feed, at = 1000): Promise<void> {
    const advisories = Object.entries({ 'CVE-0': [{ package: 'z' }], ...said });
    await publish(
      store,
      advisories.map(([id, of]) => advisory(id, ...of)).toSorted((one, other) => (one.id < other.id ? -1 : 1)),
      at,
    );
  }

  /** Reads all due notifications in pages of `size` entries and returns the entries. */
  async function told(size: number): Promise<string[][]> {
    const claimed = await store.updateNotifications.claim({ owner: 'x', lease: 0, limit: 99 });
    return await Promise.all(claimed.map(async ({ id }) => (await entries(id, size)).map(short)));
  }

  async function entries(id: number, size: number): Promise<readonly UpdateEntry[]> {
    const all: UpdateEntry[] = [];
    let after: EntryPosition | undefined;
    do {
      const page = await store.updateNotifications.page(id, { after, limit: size });
      if (page === undefined) throw new Error('the notification was deleted');
      expect(page.entries.length).toBeLessThanOrEqual(size);
      all.push(...page.entries);
      after = page.next;
    } while (after !== undefined);
    return all;
  }

  const short = ({ image: of, reason, name, severity, fixed, package: about }: UpdateEntry): string =>
    `${of.at(-1)} ${reason} ${name} ${about} ${severity} ${fixed}`.trim();

  /** Changes the feed and returns the entries of the notifications about the change. */
  async function change(
    before: Feed,
    after: Feed,
    updates: 'summary' | 'all' = 'all',
    size = 100,
  ): Promise<string[][]> {
    await feedOf(before);
    await plannerFor(updates).plan(never);
    expect(await told(size)).toEqual([]);
    await feedOf(after, 2000);
    await plannerFor(updates).plan(never);
    return await told(size);
  }

  it.each<[string, Feed, Feed, string[][]]>([
    [
      'an added vulnerability, with the images that have the package at their top',
      {},
      { 'CVE-1': [{ package: 'b', fixed: '3', severity: 'High' }] },
      [['1 added CVE-1 b High 3', '3 added CVE-1 b High 3']],
    ],
    ['a vulnerability in a layer of no image', {}, { 'CVE-1': [{ package: 'c' }] }, []],
    ['a vulnerability in no layer', {}, { 'CVE-1': [{ package: 'a', fixed: '1' }] }, []],
    ['an undecided vulnerability', {}, { 'CVE-1': [{ package: 'a', status: 'undetermined' }] }, []],
    [
      'a withdrawn vulnerability',
      { 'CVE-1': [{ package: 'b', fixed: '9' }] },
      {},
      [['1 removed CVE-1 b Medium 9', '3 removed CVE-1 b Medium 9']],
    ],
    [
      'a higher severity',
      { 'CVE-1': [{ package: 'a', severity: 'Low' }] },
      { 'CVE-1': [{ package: 'a', severity: 'Critical' }] },
      [['1 added CVE-1 a Critical', '2 added CVE-1 a Critical', '3 added CVE-1 a Critical']],
    ],
    [
      'a lower severity',
      { 'CVE-1': [{ package: 'a', severity: 'High' }] },
      { 'CVE-1': [{ package: 'a', severity: 'Low' }] },
      [],
    ],
    [
      'a fix that clears some images',
      { 'CVE-1': [{ package: 'b' }] },
      { 'CVE-1': [{ package: 'b', fixed: '5' }] },
      [['2 removed CVE-1 b Medium']],
    ],
    [
      'a later fix',
      { 'CVE-1': [{ package: 'b', fixed: '2' }] },
      { 'CVE-1': [{ package: 'b', fixed: '5' }] },
      [['1 added CVE-1 b Medium 5', '3 added CVE-1 b Medium 5']],
    ],
    [
      'a fix for packages of no image',
      { 'CVE-1': [{ package: 'a' }] },
      { 'CVE-1': [{ package: 'a', fixed: '7' }] },
      [],
    ],
    [
      'an update with an addition and a withdrawal, both in one notification',
      { 'CVE-1': [{ package: 'a', severity: 'Critical' }] },
      { 'CVE-2': [{ package: 'b', fixed: '3', severity: 'High' }] },
      [
        [
          '1 removed CVE-1 a Critical',
          '1 added CVE-2 b High 3',
          '2 removed CVE-1 a Critical',
          '3 removed CVE-1 a Critical',
          '3 added CVE-2 b High 3',
        ],
      ],
    ],
  ])('report %s', async (_what, before, after, expected) => {
    const found = await change(before, after);
    expect(found.map((each) => each.toSorted())).toEqual(expected.map((each) => each.toSorted()));
  });

  it('never report the first import of a feed', async () => {
    await plannerFor('all').plan(never);
    await feedOf({ 'CVE-1': [{ package: 'a' }] });
    await plannerFor('all').plan(never);
    expect(await told(10)).toEqual([]);
  });

  it('are equal for every page size', async () => {
    const after: Feed = { 'CVE-1': [{ package: 'a' }], 'CVE-2': [{ package: 'a' }], 'CVE-3': [{ package: 'b' }] };
    await change({}, after);
    const [first] = await store.updateNotifications.claim({ owner: 'x', lease: 0, limit: 1 });
    const id = first?.id ?? 0;
    const whole = (await entries(id, 100)).map(short);
    expect(whole).toHaveLength(9);
    for (const size of [1, 2, 3, 7, 9]) expect((await entries(id, size)).map(short)).toEqual(whole);
  });

  it('have the most severe change of each image and reason in summary form', async () => {
    const before: Feed = {
      'CVE-1': [{ package: 'a', severity: 'Low' }],
      'CVE-2': [{ package: 'a', severity: 'Critical' }],
    };
    const after: Feed = {
      'CVE-3': [{ package: 'a', severity: 'Medium' }],
      'CVE-4': [{ package: 'b', fixed: '3', severity: 'High' }],
      'CVE-5': [{ package: 'a', severity: 'Low' }],
    };
    const [found = []] = await change(before, after, 'summary', 2);
    expect(found.toSorted()).toEqual([
      '1 added CVE-4 b High 3',
      '1 removed CVE-2 a Critical',
      '2 added CVE-3 a Medium',
      '2 removed CVE-2 a Critical',
      '3 added CVE-4 b High 3',
      '3 removed CVE-2 a Critical',
    ]);
  });

  it('are one per update, even if several updates were read together', async () => {
    await plannerFor('all').plan(never);
    await feedOf({});
    await feedOf({ 'CVE-1': [{ package: 'a' }] }, 2000);
    await feedOf({ 'CVE-1': [{ package: 'a' }], 'CVE-2': [{ package: 'b' }] }, 2000);
    await plannerFor('all').plan(never);
    expect((await told(10)).map((each) => each.map((entry) => entry.split(' ')[2]))).toEqual([
      ['CVE-1', 'CVE-1', 'CVE-1'],
      ['CVE-2', 'CVE-2', 'CVE-2'],
    ]);
  });

  it('are visible only when the update was read to its end, across many steps and a new planner', async () => {
    await feedOf({});
    await plannerFor('all').plan(never);
    const many = Object.fromEntries(
      Array.from({ length: 450 }, (_each, at) => [`CVE-${1000 + at}`, [{ package: at % 2 === 0 ? 'a' : 'other' }]]),
    );
    await feedOf(many, 2000);
    const stop = new AbortController();
    let steps = 0;
    const stopping: Store = {
      ...store,
      notifications: {
        ...store.notifications,
        async advance(step) {
          steps += 1;
          if (steps === 2) stop.abort();
          return await store.notifications.advance(step);
        },
      },
    };
    await plannerFor('all', stopping).plan(stop.signal);
    expect([steps, await told(10)]).toEqual([2, []]);
    await plannerFor('all').plan(never);
    const [all = []] = await told(100);
    expect(all).toHaveLength(3 * 225);
    expect(new Set(all).size).toBe(all.length);
  });

  it('are created only once by concurrent planners', async () => {
    await feedOf({});
    await plannerFor('all').plan(never);
    const many = Object.fromEntries(
      Array.from({ length: 450 }, (_each, at) => [`CVE-${1000 + at}`, [{ package: 'a' }]]),
    );
    await feedOf(many, 2000);
    const planners = ['one', 'two', 'three'].map((owner) => plannerFor('all', store, owner));
    await Promise.all(planners.map((each) => each.plan(never)));
    await plannerFor('all').plan(never);
    const found = await told(100);
    expect(found.map((each) => [each.length, new Set(each).size])).toEqual([[3 * 450, 3 * 450]]);
  });

  it('take several steps if changes affect many packages, and several pages if texts are long', async () => {
    const packages = Array.from({ length: 60 }, (_each, at) => deb(`many-${at}`, '1', { name: 'many' }));
    const leaf = await knowLayer(store, 'many', packages);
    for (const digit of ['4', '5', '6']) await image(digit, leaf);
    await feedOf({});
    await plannerFor('all').plan(never);
    const advisories = Array.from({ length: 190 }, (_each, at) => ({
      ...advisory(`CVE-${1000 + at}`, { package: 'many' }),
      description: 'x'.repeat(10_000),
    }));
    await publish(store, [advisory('CVE-0', { package: 'z' }), ...advisories], 2000);
    let steps = 0;
    const counting: Store = {
      ...store,
      notifications: {
        ...store.notifications,
        advance: async (step) => ((steps += 1), await store.notifications.advance(step)),
      },
    };
    await plannerFor('all', counting).plan(never);
    expect(steps).toBe(2);
    const [claimed] = await store.updateNotifications.claim({ owner: 'x', lease: 0, limit: 1 });
    const id = claimed?.id ?? 0;
    const first = await store.updateNotifications.page(id, { after: undefined, limit: 1000 });
    const all = await entries(id, 1000);
    expect([(first?.entries.length ?? 0) < 570, all.length, new Set(all.map(short)).size]).toEqual([true, 570, 570]);
  });

  it('leave out images that were indexed after the update', async () => {
    await change({}, { 'CVE-1': [{ package: 'a' }] });
    const base = await store.layers.find('base');
    if (base === undefined) throw new Error('the layer is gone');
    await image('4', base);
    const [first] = await store.updateNotifications.claim({ owner: 'x', lease: 0, limit: 1 });
    expect((await entries(first?.id ?? 0, 10)).map((entry) => entry.image.at(-1))).toEqual(['1', '2', '3']);
  });

  it('do not change with later updates', async () => {
    const [before] = await change({}, { 'CVE-1': [{ package: 'a', severity: 'High' }] });
    const [first] = await store.updateNotifications.claim({ owner: 'x', lease: 0, limit: 1 });
    await feedOf({ 'CVE-1': [{ package: 'z', severity: 'Low' }] }, 3000);
    expect((await entries(first?.id ?? 0, 10)).map(short)).toEqual(before);
  });

  it('are found by name, with the time of deletion once they are deleted', async () => {
    await change({}, { 'CVE-1': [{ package: 'a' }] });
    const { updateNotifications: queue } = store;
    const [claimed] = await queue.claim({ owner: 'x', lease: 0, limit: 1 });
    const name = claimed?.name ?? '';
    expect(await queue.find(name)).toMatchObject({ feed: 'debian', deletedAt: null });
    expect(await queue.remove(name, 6000)).toBe(true);
    expect(await queue.remove(name, 7000)).toBe(true);
    expect(await queue.find(name)).toMatchObject({ deletedAt: 6000 });
    expect([await queue.nextDue(), await queue.remove('other', 1), await queue.find('other')]).toEqual([
      undefined,
      false,
      undefined,
    ]);
  });

  it('are completed by the next planner if the search for an affected image was aborted', async () => {
    await feedOf({});
    await plannerFor('all').plan(never);
    await feedOf({ 'CVE-1': [{ package: 'a' }] }, 2000);
    const stop = new AbortController();
    const hasEntries: Store['updateNotifications']['hasEntries'] = async (id, signal) => {
      stop.abort();
      return await store.updateNotifications.hasEntries(id, signal);
    };
    await plannerFor('all', { ...store, updateNotifications: { ...store.updateNotifications, hasEntries } }).plan(
      stop.signal,
    );
    expect(await store.updateNotifications.waiting()).toBe(0);
    await plannerFor('all').plan(never);
    expect(await store.updateNotifications.waiting()).toBe(1);
  });

  it('are deleted after their retention', async () => {
    await change({}, { 'CVE-1': [{ package: 'a' }] });
    const bounds = (notifications: number): { readonly notifications: number; readonly changeLog: number } => ({
      notifications,
      changeLog: 9000,
    });
    expect((await store.retention.apply(await store.retention.plan(bounds(5000)))).update_notification).toBe(0);
    expect((await store.retention.apply(await store.retention.plan(bounds(5001)))).update_notification).toBe(1);
    expect(await told(10)).toEqual([]);
    // A notification that no planner completes is also deleted.
    await feedOf({ 'CVE-2': [{ package: 'a' }] }, 3000);
    const incomplete = { ...store.updateNotifications, read: async () => [] };
    await plannerFor('all', { ...store, updateNotifications: incomplete }).plan(never);
    expect((await store.retention.apply(await store.retention.plan(bounds(5001)))).update_notification).toBe(1);
  });
});
