import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../database/contracts/store.ts';
import { openStore } from '../database/open-store.ts';
import { advisory, deb, digestOf } from '../database/testing/packages.ts';
import { knowLayer, publish } from '../database/testing/store-content.ts';
import { ENGINES, NO_CONTENTS } from '../database/testing/stores.ts';
import { createPlanner } from './planner.ts';

const NEVER = new AbortController().signal;

describe.each(ENGINES)('notifications per update, until they are deleted, on %s', (_, options) => {
  let store: Store;
  beforeEach(async () => {
    store = await openStore(options(), { time: () => 5000 });
    const { id: leaf } = await knowLayer(store, 'base', [deb('a', '2')]);
    for (const digit of ['1', '2', '3']) {
      const about = { digest: digestOf(digit), reference: digit, target: '', platform: '', leaf, scannedAt: 1 };
      await store.images.record({ ...NO_CONTENTS, ...about });
    }
  });
  afterEach(() => store.close());

  /** Publishes vulnerabilities of all three images, and creates the notification about these vulnerabilities. */
  async function change(ids: readonly string[], updateNotifications = store.updateNotifications): Promise<void> {
    const planner = createPlanner({
      store: { ...store, updateNotifications },
      owner: 'one',
      now: () => 5000,
      newName: () => 'n1',
      wanted: { changes: false, updates: 'all' },
    });
    await publish(store, [advisory('CVE', { package: 'z' })], 1000);
    await planner.plan(NEVER);
    const all = ['CVE', ...ids].toSorted().map((id) => advisory(id, { package: id === 'CVE' ? 'z' : 'a' }));
    await publish(store, all, 2000);
    await planner.plan(NEVER);
  }

  it('have no page once they are deleted, and are then not completed', async () => {
    await change(['CVE-1'], { ...store.updateNotifications, read: async () => [] });
    const [id = 0] = await store.updateNotifications.read();
    await store.updateNotifications.complete(id, 1);
    const [waiting] = await store.updateNotifications.listWaiting(10);
    const name = waiting?.name ?? '';
    const page = async () => await store.updateNotifications.page(id, { after: undefined, limit: 10 });
    expect((await page())?.entries).toHaveLength(3);
    await store.updateNotifications.remove(name, 6000);
    expect(await page()).toBeUndefined();
    expect(await store.updateNotifications.hasEntries(id, NEVER)).toBeUndefined();
  });

  it('are listed with their last error while they wait', async () => {
    await change(['CVE-1']);
    const [claimed] = await store.updateNotifications.claim({ owner: 'x', lease: 0, limit: 1 });
    await store.updateNotifications.recordFailure(claimed?.id ?? 0, { owner: 'x', error: 'status 500', dueAt: 9000 });
    const { id, name } = claimed ?? { id: 0, name: '' };
    expect(await store.updateNotifications.listWaiting(10)).toEqual([
      expect.objectContaining({ id, name, feed: 'debian', attempts: 1, error: 'status 500', dueAt: 9000 }),
    ]);
    await store.updateNotifications.recordDelivery(id, 9001);
    expect(await store.updateNotifications.listWaiting(10)).toEqual([]);
  });

  it('are deleted in parts, and no page shows an incomplete notification', async () => {
    await change(Array.from({ length: 550 }, (_each, at) => `CVE-${at}`));
    const [waiting] = await store.updateNotifications.listWaiting(10);
    const { id, name } = waiting ?? { id: 0, name: '' };
    const plan = await store.retention.plan({ notifications: 5001, changeLog: 9000 });
    expect([plan.update_notification, plan.undelivered]).toEqual([[id], [name]]);
    const removal = store.retention.apply(plan);
    let pages = 0;
    for (; (await store.updateNotifications.find(name)) !== undefined; pages += 1) {
      const page = await store.updateNotifications.page(id, { after: undefined, limit: 100 });
      expect([undefined, 100]).toContain(page?.entries.length);
      // Reads from SQLite do not yield to the event loop, so without this pause, the removal would never run.
      await setImmediate();
    }
    expect(await removal).toMatchObject({ update_notification: 1 });
    expect(pages).toBeGreaterThan(0);
    expect(await store.updateNotifications.find(name)).toBeUndefined();
  });

  it('that are deleted only in part, because housekeeping was stopped, are deleted by the next run', async () => {
    await change(['CVE-1']);
    const [waiting] = await store.updateNotifications.listWaiting(10);
    const bounds = { notifications: 5001 };
    const plan = await store.retention.plan(bounds);
    const stop = new AbortController();
    const removal = store.retention.apply(plan, stop.signal);
    stop.abort(new Error('stop'));
    await expect(removal).rejects.toThrow('stop');
    expect(await store.updateNotifications.page(waiting?.id ?? 0, { after: undefined, limit: 1 })).toBeUndefined();
    const again = await store.retention.apply(await store.retention.plan(bounds));
    expect(again).toMatchObject({ update_notification: 1 });
  });
});
