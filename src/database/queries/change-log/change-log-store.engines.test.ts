import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { advisory } from '../../testing/packages.ts';
import { publish } from '../../testing/store-content.ts';
import { ENGINES } from '../../testing/stores.ts';
import type { Advisory } from '../../../model/advisories/advisory.ts';
import type { FormerPage } from '../../contracts/change-log.ts';
import { openStore } from '../../open-store.ts';
import type { FeedUpdate } from '../../contracts/vulnerabilities.ts';
import type { Store } from '../../contracts/store.ts';

describe.each(ENGINES)('the change log on %s', (_, options) => {
  let store: Store;
  beforeEach(async () => {
    store = await openStore(options());
  });
  afterEach(async () => {
    await store.close();
  });

  const update = async (advisories: readonly Advisory[], rest: Partial<FeedUpdate> = {}): Promise<void> =>
    await publish(store, advisories, 1000, rest);

  it('returns the advisory after each change, even if it has changed again', async () => {
    const [first, second] = [
      advisory('CVE-1', { package: 'a', fixed: '1' }),
      advisory('CVE-1', { package: 'a', fixed: '2' }),
    ];
    const history: (Advisory | null)[] = [first, second, null, first, second];
    for (const state of history) await update(state === null ? [] : [state]);
    const changes = await store.changeLog.read({ after: 0, limit: 10 });
    const resolved = await Promise.all(changes.map(async ({ id }) => await store.changeLog.find(id)));
    expect(resolved.map((change) => change?.after)).toEqual(history);
    expect(resolved.map((change) => change?.before)).toEqual([null, ...history.slice(0, -1)]);
    expect(await store.changeLog.find(99)).toBeUndefined();
    const ids = changes.map(({ id }) => id).toReversed();
    expect(await store.changeLog.latest({ before: Number.MAX_SAFE_INTEGER, limit: 3 })).toEqual(ids.slice(0, 3));
    expect(await store.changeLog.latest({ before: ids[2] ?? 0, limit: 9 })).toEqual(ids.slice(3));
  });

  it('counts recent changes by kind, without first imports', async () => {
    await update([advisory('CVE-1', { package: 'a', fixed: '1' })], { at: 1000 });
    const changed = [advisory('CVE-1', { package: 'a', fixed: '2' }), advisory('CVE-2', { package: 'a', fixed: '1' })];
    await update(changed, { at: 2000 });
    await update([], { at: 3000 });
    const all = { kinds: { added: 1, changed: 1, withdrawn: 2 }, isWhole: true };
    expect(await store.changeLog.recent(0)).toEqual(all);
    expect(await store.changeLog.recent(2000)).toEqual(all);
    expect((await store.changeLog.recent(2001)).kinds).toEqual({ added: 0, changed: 0, withdrawn: 2 });
  });

  describe('lists and counts', () => {
    const numbered = (count: number): Advisory[] =>
      Array.from({ length: count }, (_each, at) => advisory(`CVE-${at}`, { package: 'a' }));
    const all = { before: Number.MAX_SAFE_INTEGER, limit: 99, maxLooked: 10_000 };
    const namesOf = async (ids: readonly number[]): Promise<unknown> =>
      await Promise.all(ids.map(async (id) => (await store.changeLog.find(id))?.name));
    const DAY = 86_400_000;

    beforeEach(async () => {
      await update(numbered(3), { at: 10 * DAY });
      await update(numbered(4), { at: 12 * DAY });
      await update(numbered(5), { at: 14 * DAY });
      await update(numbered(2), { feed: 'other', at: 15 * DAY });
    });

    it('changes since a time, without first imports, in pages', async () => {
      const { ids, next } = await store.changeLog.list({ ...all, filters: { isLater: true } });
      expect([await namesOf(ids), next]).toEqual([['CVE-4', 'CVE-3'], undefined]);
      const since = { since: 14 * DAY, isLater: true } as const;
      const late = await store.changeLog.list({ ...all, filters: since });
      expect([await namesOf(late.ids), late.next]).toEqual([['CVE-4'], undefined]);
      const first = await store.changeLog.list({ ...all, filters: { isLater: true }, limit: 1 });
      expect(first).toEqual({ ids: ids.slice(0, 1), next: ids[0] });
      expect(await store.changeLog.list({ ...all, filters: { isLater: true }, before: ids[0] ?? 0 })).toEqual({
        ids: ids.slice(1),
        next: undefined,
      });
      expect((await store.changeLog.list({ ...all, filters: {} })).ids).toHaveLength(7);
      expect(await store.changeLog.total({ isLater: true }, 99)).toBe(2);
      expect(await store.changeLog.total(since, 99)).toBe(1);
      expect(await store.changeLog.total({ since: 12 * DAY }, 99)).toBe(4);
      expect(await store.changeLog.total({ inImages: true }, 99)).toBe(0);
    });

    it('within its bounds', async () => {
      const many = Array.from({ length: 5001 }, (_each, at) => advisory(`CVE-2-${10_000 + at}`, { package: 'b' }));
      await update(many.slice(8), { feed: 'large', at: 16 * DAY });
      expect(await store.changeLog.total({}, 5000)).toBe(5000);
      await update(many.slice(0, 8), { feed: 'larger', at: 16 * DAY });
      expect(await store.changeLog.total({}, 5000)).toBeUndefined();
      expect(await store.changeLog.total({}, 10_000)).toBe(5008);
      expect([await store.changeLog.total({}, 5007), await store.changeLog.total({}, 5008)]).toEqual([undefined, 5008]);
      // The call examines 5,000 changes without a match, and the next page continues below these changes.
      const { ids, next } = await store.changeLog.list({ ...all, filters: { inImages: true }, maxLooked: 5000 });
      expect(ids).toEqual([]);
      expect(next).toBeGreaterThan(0);
      const rest = await store.changeLog.list({ ...all, filters: { since: 1 }, before: next ?? 0 });
      expect([rest.ids.length, rest.next]).toEqual([8, undefined]);
    });

    it('first imports, newest first', async () => {
      const imports = [
        { feed: 'other', at: 15 * DAY, changes: 2, isWhole: true },
        { feed: 'debian', at: 10 * DAY, changes: 3, isWhole: true },
      ];
      expect(await store.changeLog.firstImports(0)).toEqual(imports);
      expect(await store.changeLog.firstImports(11 * DAY)).toEqual(imports.slice(0, 1));
      await update(numbered(1), { feed: 'by-hand', scope: 'changed', at: 16 * DAY });
      expect(await store.changeLog.firstImports(0)).toEqual(imports);
    });
  });

  it('marks the changes of the first update of a feed, after failures and partial updates', async () => {
    const [one, two] = [advisory('CVE-1', { package: 'a' }), advisory('CVE-2', { package: 'a' })];
    await store.feeds.recordFailure('debian', 500, 'no network');
    await update([one]);
    await update([one, two]);
    await update([one], { feed: 'by-hand', scope: 'changed' });
    await update([one], { feed: 'other' });
    const changes = await store.changeLog.read({ after: 0, limit: 10 });
    expect(changes.map(({ feed, name, isInitial }) => [feed, name, isInitial])).toEqual([
      ['debian', 'CVE-1', true],
      ['debian', 'CVE-2', false],
      ['by-hand', 'CVE-1', false],
      ['other', 'CVE-1', true],
    ]);
  });

  describe('returns previous advisories', () => {
    const saying = (id: string, fixed: string, namespace = 'debian:12'): Advisory =>
      advisory(id, { package: 'a', fixed, namespace });
    const former = async (page: Partial<FormerPage>): Promise<unknown> =>
      (await store.changeLog.former({ after: 0, below: undefined, namespaces: ['debian:12'], limit: 99, ...page })).map(
        ({ name, at, advisory: said }) => [name, at, said?.affected[0]?.fixed],
      );

    beforeEach(async () => {
      await update([saying('CVE-1', '1'), saying('CVE-2', '1', 'debian:1')], { at: 1 });
      await update([saying('CVE-1', '2'), saying('CVE-2', '2', 'debian:1')], { at: 2 });
      await update([saying('CVE-2', '2', 'debian:1'), saying('CVE-3', '1')], { at: 3 });
      await update([saying('CVE-2', '2', 'debian:1'), saying('CVE-3', '2')], { at: 4 });
    });

    it('last change first, in pages, and without content for other releases', async () => {
      const all = [
        ['CVE-3', 4, '1'],
        ['CVE-1', 3, '2'],
        ['CVE-2', 2, undefined],
        ['CVE-1', 2, '1'],
      ];
      expect(await former({})).toEqual(all);
      expect(await former({ after: 2 })).toEqual(all.slice(0, 2));
      const [first] = await store.changeLog.former({ after: 0, below: undefined, namespaces: [], limit: 1 });
      expect(first?.advisory).toBeNull();
      expect(await former({ below: first, limit: 2 })).toEqual(all.slice(1, 3));
      expect(await former({ namespaces: ['debian:1', 'debian:12'] })).toContainEqual(['CVE-2', 2, '1']);
    });

    it('by name, since a time, oldest change first', async () => {
      const names = ['CVE-3', 'CVE-1', 'none'].map((name) => ({ feed: 'debian', name }));
      const histories = async (after: number): Promise<unknown> =>
        (await store.changeLog.histories({ names: [...names, { feed: 'other', name: 'CVE-2' }], after })).map(
          ({ name, kind, at, before }) => [name, kind, at, before?.affected[0]?.fixed],
        );
      expect(await histories(1)).toEqual([
        ['CVE-1', 'changed', 2, '1'],
        ['CVE-1', 'withdrawn', 3, '2'],
        ['CVE-3', 'added', 3, undefined],
        ['CVE-3', 'changed', 4, '1'],
      ]);
      expect(await histories(4)).toEqual([]);
    });

    it('and since when it is complete, after housekeeping has removed some of it', async () => {
      const keepFrom = async (changeLog: number): Promise<unknown> => {
        await store.retention.apply(await store.retention.plan({ changeLog }));
        return await store.changeLog.wholeSince();
      };
      expect(await store.changeLog.wholeSince()).toBeUndefined();
      expect(await keepFrom(1)).toBeUndefined();
      expect(await keepFrom(3)).toBe(3);
      expect(await keepFrom(2)).toBe(3);
    });
  });
});
