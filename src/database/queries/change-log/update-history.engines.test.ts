import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { advisory } from '../../testing/packages.ts';
import { publish } from '../../testing/store-content.ts';
import { ENGINES } from '../../testing/stores.ts';
import type { Engine } from '../../engines/engine.ts';
import { openEngine, storeOn } from '../../open-store.ts';
import type { Store } from '../../contracts/store.ts';
import { createFeedUpdates, LOGGED_CHANGES } from './feed-updates.ts';

describe.each(ENGINES)('the update history on %s', (_, options) => {
  let engine: Engine;
  let store: Store;
  beforeEach(async () => {
    engine = await openEngine(options());
    store = storeOn(engine);
  });
  afterEach(async () => {
    await store.close();
  });

  /**
   * Writes an update for each name. The changes get ids in the given order, but the ids of the updates ascend by name.
   */
  async function commit(...names: readonly string[]): Promise<void> {
    await engine.transaction(async (queries) => {
      const ids = new Map<string, number>();
      for (const name of names.toSorted()) ids.set(name, await createFeedUpdates(queries, 1000)('debian'));
      for (const name of names) {
        await queries.insertMany(LOGGED_CHANGES, [['debian', name, 'added', null, 1000, 0, ids.get(name) ?? 0]]);
      }
    });
  }

  async function namesOf(ids: readonly number[]): Promise<string[]> {
    const changes = await Promise.all(ids.map((id) => store.updateHistory.changes(id, { after: 0, limit: 9 })));
    return changes.map((all) => all.map(({ name }) => name).join('+'));
  }

  it('has the order of commits, which ids of updates do not follow', async () => {
    await commit('B', 'C', 'A');
    const all = await store.updateHistory.latest(9);
    expect(await namesOf(all.map(({ id }) => id))).toEqual(['A', 'C', 'B']);
    const [newest, , oldest] = all;
    expect(await store.updateHistory.latest(1)).toEqual([newest]);
    const range = { feed: 'debian', after: oldest?.position ?? 0, upTo: newest?.position ?? 0 };
    expect(await namesOf(await store.updateHistory.between({ ...range, limit: 9 }))).toEqual(['C', 'A']);
    expect(await namesOf(await store.updateHistory.between({ ...range, limit: 1 }))).toEqual(['C']);
  });

  it('keeps only the last update of a feed, with its position, when housekeeping removes the changes', async () => {
    await publish(store, [advisory('CVE-1', { package: 'a' }), advisory('CVE-2', { package: 'a' })], 1000);
    await publish(store, [advisory('CVE-1', { package: 'a' })], 2000);
    await publish(store, [advisory('CVE-9', { package: 'a' })], 9000, { feed: 'other' });
    const before = await store.updateHistory.latest(9);
    expect(await store.updateHistory.completeAfter('debian')).toBe(0);
    await store.retention.apply(await store.retention.plan({ changeLog: 5000 }));
    const after = await store.updateHistory.latest(9);
    expect(after).toEqual(before.slice(0, 2));
    expect(await store.updateHistory.completeAfter('debian')).toBe(after[1]?.position);
    expect(await store.updateHistory.completeAfter('other')).toBe(0);
  });

  it('keeps the update that was committed last, even if another update has a higher id', async () => {
    await commit('B', 'A');
    const [last] = await store.updateHistory.latest(1);
    await store.retention.apply(await store.retention.plan({ changeLog: 5000 }));
    expect(await store.updateHistory.latest(9)).toEqual([last]);
  });
});
