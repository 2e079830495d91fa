import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { knowLayer, publish } from '../database/testing/store-content.ts';
import { advisory, deb } from '../database/testing/packages.ts';
import { memoryStore } from '../database/testing/memory-store.ts';
import type { Store } from '../database/contracts/store.ts';
import { ClairError } from '../errors.ts';
import type { Channel } from './channels/channel.ts';
import { createPlanner } from './planner.ts';
import { createSender, type SenderLog } from './sender.ts';

type Delivery = { readonly id: string; readonly body: unknown; readonly at: number };
type Outcome = 'taken' | 'refused' | 'unreachable';

const SETTINGS = {
  owner: 'sender',
  renotifyInterval: 7_200_000,
  lease: 60_000,
  poll: 10_000,
  random: () => 0,
  log: { info: () => undefined, warn: () => undefined, error: () => undefined },
};

describe('the sender', () => {
  let store: Store;
  let time = 0;
  beforeEach(async () => {
    time = 1_000_000;
    store = await memoryStore({ time: () => time });
    await knowLayer(store, 'base', [deb('a', '2')]);
    await publish(store, [advisory('CVE-0', { package: 'z' })]);
  });
  afterEach(async () => {
    await store.close();
  });

  async function queue(count: number): Promise<void> {
    const planner = createPlanner({ store, owner: 'planner', now: () => time, newName: () => `n${(names += 1)}` });
    let names = 0;
    await planner.plan(new AbortController().signal);
    await publish(
      store,
      Array.from({ length: count }, (_, at) => advisory(`CVE-${at + 1000}`, { package: 'a' })),
    );
    expect(await planner.plan(new AbortController().signal)).toBe(count);
  }

  function fakeChannel(
    payload: Channel['payload'],
    answer: (delivery: Delivery) => Outcome,
  ): { readonly channel: Channel; readonly deliveries: Delivery[] } {
    const deliveries: Delivery[] = [];
    const channel: Channel = {
      id: payload === 'full' ? 'amqp' : 'webhook',
      payload,
      maxDelivery: 1,
      async deliver({ id, body }) {
        const delivery = { id, body: JSON.parse(body.toString('utf8')), at: time };
        deliveries.push(delivery);
        const outcome = answer(delivery);
        if (outcome === 'refused') throw new ClairError('notification/refused', 'no');
        if (outcome === 'unreachable') throw new ClairError('notification/undeliverable', 'not there');
      },
      close: async () => {},
    };
    return { channel, deliveries };
  }

  /** Runs the sender for a number of milliseconds of test time, which advances only while no delivery is running. */
  async function send(
    channels: readonly Channel[],
    milliseconds: number,
    attempts = 3,
    {
      log = SETTINGS.log,
      renotifyInterval = SETTINGS.renotifyInterval,
    }: { readonly log?: SenderLog; readonly renotifyInterval?: number } = {},
  ): Promise<void> {
    const stop = new AbortController();
    const end = time + milliseconds;
    const { notifications } = store;
    let underWay = 0;
    const counted: Store['notifications'] = {
      ...notifications,
      async claim(claim) {
        const claimed = await notifications.claim(claim);
        underWay += claimed.length;
        return claimed;
      },
      async recordDelivery(id, outcome) {
        await notifications.recordDelivery(id, outcome);
        underWay -= 1;
      },
      async recordFailure(id, failure) {
        await notifications.recordFailure(id, failure);
        underWay -= 1;
      },
      async markRead(name, at) {
        underWay -= 1;
        return await notifications.markRead(name, at);
      },
    };
    const sender = createSender({
      store: { ...store, notifications: counted },
      channels,
      ...SETTINGS,
      log,
      renotifyInterval,
      attempts,
      now: () => time,
      pause: async (wait, signal) => {
        if (underWay > 0) {
          await new Promise((resolve) => {
            signal.addEventListener('abort', resolve);
          });
          return;
        }
        time += Math.max(wait, 1);
        if (time >= end) stop.abort();
      },
    });
    await sender.run(stop.signal);
  }

  it('delivers the name of each notification and repeats it until the notification is read', async () => {
    await queue(2);
    const { channel, deliveries } = fakeChannel('reference', () => 'taken');
    await send([channel], 60_000);
    expect(deliveries.map(({ body }) => body)).toEqual([
      { Notification: { Name: 'n1' } },
      { Notification: { Name: 'n2' } },
    ]);
    await store.notifications.markRead('n1', time);
    await send([channel], 7_300_000);
    expect(deliveries.slice(2).map(({ id }) => id)).toEqual(['n2']);
    expect(deliveries[2]!.at - deliveries[1]!.at).toBe(7_200_000);
  });

  it.each([
    ['', 0],
    [', not even a queued reminder', SETTINGS.renotifyInterval],
  ])('sends no notification again with an interval of 0%s', async (_, renotifyInterval) => {
    await queue(1);
    const { channel, deliveries } = fakeChannel('reference', () => 'taken');
    await send([channel], 60_000, 3, { renotifyInterval });
    await send([channel], 20_000_000, 3, { renotifyInterval: 0 });
    expect(deliveries).toHaveLength(1);
    const sent = await store.notifications.find('n1');
    expect(sent).toMatchObject({ deliveries: 1, dueAt: null, readAt: expect.any(Number) });
  });

  it.each<[string, Channel['payload']]>([
    ['', 'reference'],
    [', on full channels if no others are left', 'full'],
  ])('sends a requeued reminder with an interval of 0%s', async (_, payload) => {
    await queue(1);
    let isUp = true;
    const before = fakeChannel('reference', () => (isUp ? 'taken' : 'refused'));
    await send([before.channel], 60_000);
    isUp = false;
    await send([before.channel], 20_000_000, 2);
    expect(await store.notifications.find('n1')).toMatchObject({ deliveries: 1, deadAt: expect.any(Number) });
    expect(await store.notifications.retry('all', time)).toEqual(['n1']);
    let failures = 1;
    const { channel, deliveries } = fakeChannel(payload, () => ((failures -= 1) < 0 ? 'taken' : 'refused'));
    await send([channel], 20_000_000, 3, { renotifyInterval: 0 });
    expect(deliveries).toHaveLength(2);
    const sent = await store.notifications.find('n1');
    expect(sent).toMatchObject({ deliveries: 2, dueAt: null, deadAt: null, readAt: expect.any(Number) });
  });

  it('logs each delivery with the vulnerability and the channels', async () => {
    await queue(1);
    const { channel } = fakeChannel('reference', () => 'taken');
    const lines: [object, string][] = [];
    const log = { ...SETTINGS.log, info: (fields: object, message: string) => void lines.push([fields, message]) };
    await send([channel], 7_300_000, 3, { log });
    const fields = { notification: 'n1', feed: 'debian', vulnerability: 'CVE-1000', channels: ['webhook'] };
    expect(lines).toEqual([
      [{ ...fields, deliveries: 1 }, 'notification delivered'],
      [{ ...fields, deliveries: 2 }, 'notification delivered'],
    ]);
  });

  it('delivers a full message once', async () => {
    await queue(1);
    const { channel, deliveries } = fakeChannel('full', () => 'taken');
    await send([channel], 20_000_000);
    expect(deliveries).toHaveLength(1);
    expect(deliveries[0]!.body).toMatchObject({ Name: 'CVE-1000', Type: 'NewVulnerabilityNotification' });
    expect(await store.notifications.find('n1')).toMatchObject({ dueAt: null, readAt: expect.any(Number) });
    expect(await store.notifications.history({ limit: 10 })).toMatchObject([{ name: 'n1', channels: ['amqp'] }]);
  });

  it('retries until all channels confirm, and sends reminders only to reference channels', async () => {
    await queue(1);
    let failures = 1;
    const full = fakeChannel('full', () => (failures-- > 0 ? 'refused' : 'taken'));
    const reference = fakeChannel('reference', () => 'taken');
    await send([full.channel, reference.channel], 60_000);
    expect([full.deliveries.length, reference.deliveries.length]).toEqual([2, 2]);
    await send([full.channel, reference.channel], 7_300_000);
    expect([full.deliveries.length, reference.deliveries.length]).toEqual([2, 3]);
    expect(await store.notifications.find('n1')).toMatchObject({
      channels: ['amqp', 'webhook'],
      deliveries: 2,
      totalAttempts: 3,
      lastFailure: { at: expect.any(Number), reason: 'amqp: no' },
    });
  });

  it('doubles the pause after each failure, stops after the last attempt, and restarts on retry', async () => {
    await queue(1);
    const { channel, deliveries } = fakeChannel('reference', () => 'refused');
    await send([channel], 600_000, 4);
    const times = deliveries.map(({ at }) => at);
    expect(times.slice(1).map((at, index) => at - times[index]!)).toEqual([1000, 2000, 4000]);
    expect(await store.notifications.find('n1')).toMatchObject({ attempts: 4, error: 'webhook: no', dueAt: null });
    expect(await store.notifications.count()).toEqual({ waiting: 0, delivered: 0, dead: 1 });
    await store.notifications.retry('all', time);
    await send([channel], 600_000, 4);
    expect(deliveries).toHaveLength(8);
  });

  it('delivers other notifications while one is rejected', async () => {
    await queue(200);
    const { channel, deliveries } = fakeChannel('reference', ({ id }) => (id === 'n1' ? 'refused' : 'taken'));
    const start = time;
    await send([channel], 5000, 2);
    expect(new Set(deliveries.map(({ id }) => id)).size).toBe(200);
    expect(deliveries.filter(({ id }) => id !== 'n1').every(({ at }) => at - start < 1000)).toBe(true);
  });

  it('retries only one notification during an outage', async () => {
    await queue(200);
    let isDown = true;
    const { channel, deliveries } = fakeChannel('reference', () => (isDown ? 'unreachable' : 'taken'));
    await send([channel], 600_000, 5);
    expect(deliveries.length).toBeLessThan(80);
    isDown = false;
    await send([channel], 120_000, 5);
    const { delivered, waiting, dead } = await store.notifications.count();
    expect([delivered + dead, waiting]).toEqual([200, 0]);
    expect(dead).toBeLessThan(15);
  });

  it('retries immediately when it is woken, even during the pause of an outage', async () => {
    await queue(1);
    let isDown = true;
    const { channel, deliveries } = fakeChannel('reference', () => (isDown ? 'unreachable' : 'taken'));
    const stop = new AbortController();
    const sender = createSender({
      store,
      channels: [channel],
      ...SETTINGS,
      attempts: 1,
      now: () => time,
      // Test time does not advance, so no pause ends by itself.
      pause: async (_wait, signal) => {
        if (!signal.aborted) await once(signal, 'abort');
      },
    });
    const running = sender.run(stop.signal);
    await expect.poll(async () => (await store.notifications.count()).dead).toBe(1);
    isDown = false;
    expect(await store.notifications.retry(['n1'], time)).toEqual(['n1']);
    sender.wake();
    await expect.poll(async () => (await store.notifications.count()).delivered).toBe(1);
    expect(deliveries).toHaveLength(2);
    stop.abort();
    await running;
  });

  it('releases its leases when it is stopped', async () => {
    await queue(1);
    const stop = new AbortController();
    const hanging: Channel = {
      ...fakeChannel('reference', () => 'taken').channel,
      deliver: async (_message, signal) => {
        stop.abort();
        signal.throwIfAborted();
      },
    };
    const sender = createSender({
      store,
      channels: [hanging],
      ...SETTINGS,
      attempts: 3,
      renotifyInterval: 1,
      poll: 1,
      now: () => time,
    });
    await sender.run(stop.signal);
    expect(await store.notifications.find('n1')).toMatchObject({ attempts: 0, dueAt: time });
  });
});
