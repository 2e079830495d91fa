import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../database/contracts/store.ts';
import { openStore } from '../database/open-store.ts';
import { ENGINES } from '../database/testing/stores.ts';
import { ClairError } from '../errors.ts';
import { runUpdateSender } from './update-sender.ts';
import type { UpdateWebhook } from './update-webhook.ts';

const LEASE = 4000;
const LOG = { info: () => {}, warn: () => {}, error: () => {} };

describe.each(ENGINES)('the sender of notifications per update on %s', (_, options) => {
  let store: Store;
  let stop: AbortController;
  let running: Promise<void>[];
  beforeEach(async () => {
    store = await openStore(options());
    stop = new AbortController();
    running = [];
  });
  afterEach(async () => {
    stop.abort();
    await Promise.all(running);
    await store.close();
  });

  /** Creates due notifications without entries. */
  async function due(count: number): Promise<string[]> {
    const names = Array.from({ length: count }, (_each, at) => `n${at}`);
    const from = await store.notifications.cursor();
    const effects = names.map((name, at) => {
      const about = { name, feed: 'debian', update: at + 1, createdAt: store.now() };
      return { ...about, changes: [], features: [] };
    });
    await store.notifications.advance({ from, to: from, notifications: [], updates: { effects, isSummary: true } });
    for (const id of await store.updateNotifications.read()) await store.updateNotifications.complete(id, store.now());
    return names;
  }

  function start(owner: string, deliver: UpdateWebhook['deliver'], interval = 60_000, lease = LEASE): void {
    const webhook: UpdateWebhook = { maxDelivery: 1000, deliver, close: async () => {} };
    const timing = { interval, lease, poll: 50, now: store.now, random: () => 0 };
    running.push(runUpdateSender({ store, webhook, owner, ...timing, log: LOG }, stop.signal));
  }

  async function until(isTrue: () => boolean): Promise<void> {
    for (let waits = 0; !isTrue(); waits += 1) {
      if (waits > 600) throw new Error('it took too long');
      await setTimeout(50);
    }
  }

  it('delivers each once, with several instances', async () => {
    const names = await due(25);
    expect(await store.updateNotifications.waiting()).toBe(25);
    const delivered: string[] = [];
    const deliver = async (name: string): Promise<void> => {
      await setTimeout(5);
      delivered.push(name);
    };
    for (const owner of ['one', 'two', 'three']) start(owner, deliver, 60_000, 60_000);
    await until(() => delivered.length >= names.length);
    await setTimeout(300);
    expect(delivered.toSorted()).toEqual(names.toSorted());
    await expect.poll(() => store.updateNotifications.waiting()).toBe(0);
    expect(await store.updateNotifications.nextDue()).toBeUndefined();
  });

  it('delivers the notification of a killed instance after the lease expires', async () => {
    await due(1);
    const claimedAt = store.now();
    // The killed instance leased the notification and never records an outcome.
    expect(await store.updateNotifications.claim({ owner: 'killed', lease: LEASE, limit: 4 })).toHaveLength(1);
    const times: number[] = [];
    start('other', async () => void times.push(store.now()));
    await until(() => times.length > 0);
    await setTimeout(300);
    expect(times).toHaveLength(1);
    expect((times[0] ?? 0) - claimedAt).toBeGreaterThan(LEASE / 2);
  });

  it('retries without a limit, with increasing pauses up to the interval', async () => {
    const [name = ''] = await due(1);
    let attempts = 0;
    start(
      'one',
      async () => {
        attempts += 1;
        if (attempts < 6) throw new ClairError('notification/refused', 'status 500');
      },
      20,
    );
    await until(() => attempts === 6);
    await setTimeout(200);
    expect(await store.updateNotifications.find(name)).toMatchObject({ attempts: 0, notifiedAt: expect.any(Number) });
  });

  it('never delivers a deleted notification', async () => {
    const [name = ''] = await due(1);
    await store.updateNotifications.remove(name, store.now());
    const delivered: string[] = [];
    start('one', async (each) => void delivered.push(each));
    await setTimeout(300);
    expect(delivered).toEqual([]);
  });

  it('releases a notification when it is stopped', async () => {
    await due(1);
    let isAsked = false;
    start('one', async (_name, signal) => {
      isAsked = true;
      await setTimeout(60_000, undefined, { signal });
    });
    await until(() => isAsked);
    stop.abort();
    await Promise.all(running);
    expect(await store.updateNotifications.claim({ owner: 'two', lease: 1, limit: 1 })).toHaveLength(1);
  });
});
