import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { advisory } from '../../testing/packages.ts';
import { ENGINES } from '../../testing/stores.ts';
import type { Notification } from '../../../model/notification.ts';
import { orderedAdvisories } from '../vulnerabilities/advisory-order.ts';
import { openStore } from '../../open-store.ts';
import type { NewNotification, NotificationClaim } from '../../contracts/notifications.ts';
import type { Store } from '../../contracts/store.ts';

const UPDATE = {
  feed: 'debian',
  scheme: 'dpkg',
  fetcherVersion: 1,
  etag: null,
  lastModified: null,
  recordDiagnostics: { count: 0, examples: [] },
  at: 1,
} as const;

describe.each(ENGINES)('the notifications on %s', (_, options) => {
  let store: Store;
  let time = 0;
  beforeEach(async () => {
    store = await openStore(options(), { time: () => time });
    const advisories = orderedAdvisories([1, 2, 3].map((at) => advisory(`CVE-${at}`, { package: 'a' })));
    await store.vulnerabilities.update({ ...UPDATE, advisories });
  });
  afterEach(async () => {
    await store.close();
  });

  const made = (change: number, kind: NewNotification['kind'] = 'new'): NewNotification => ({
    name: `n${change}`,
    change,
    kind,
    createdAt: 100,
  });

  const queue = async (): Promise<void> => {
    await store.flags.set('notifier/cursor', '0');
    expect(await store.notifications.advance({ from: 0, to: 3, notifications: [made(1), made(2), made(3)] })).toBe(
      true,
    );
  };

  const claimAt = async (now: number, claim: NotificationClaim): Promise<readonly Notification[]> => {
    time = now;
    return await store.notifications.claim(claim);
  };

  const claim = async (owner: string, now: number, limit = 10): Promise<string[]> =>
    (await claimAt(now, { owner, lease: 50, limit })).map(({ name }) => name);

  it('start at the end of the log at the time of the first call', async () => {
    expect(await store.notifications.cursor()).toBe(3);
    expect(await store.notifications.cursor()).toBe(3);
  });

  it('are created with the move of the cursor, by one of many instances', async () => {
    await queue();
    expect(await store.notifications.cursor()).toBe(3);
    expect(await store.notifications.advance({ from: 0, to: 3, notifications: [made(1)] })).toBe(false);
    // A change has at most one notification per kind, so a second notification makes the whole step fail.
    await expect(store.notifications.advance({ from: 3, to: 4, notifications: [made(1)] })).rejects.toThrow(/unique/i);
    expect(await store.notifications.cursor()).toBe(3);
    expect(await store.notifications.count()).toEqual({ waiting: 3, delivered: 0, dead: 0 });
  });

  it('are leased to one owner each, and again when the lease expires', async () => {
    await queue();
    expect(await claim('one', 99)).toEqual([]);
    expect(await claim('one', 100, 2)).toEqual(['n1', 'n2']);
    expect(await claim('two', 100)).toEqual(['n3']);
    expect(await store.notifications.nextDue()).toBe(150);
    expect(await claim('two', 149)).toEqual([]);
    expect(await claim('two', 150)).toEqual(['n1', 'n2', 'n3']);
  });

  it('are due again after a delivery until they are read', async () => {
    await queue();
    const [first] = await claimAt(100, { owner: 'one', lease: 50, limit: 1 });
    await store.notifications.recordDelivery(first!.id, { at: 110, dueAt: 500, channels: ['webhook'] });
    expect(await store.notifications.find('n1')).toEqual({
      id: first!.id,
      name: 'n1',
      kind: 'new',
      change: 1,
      feed: 'debian',
      vulnerability: 'CVE-1',
      createdAt: 100,
      notifiedAt: 110,
      readAt: null,
      deadAt: null,
      attempts: 0,
      error: null,
      dueAt: 500,
      channels: ['webhook'],
      deliveries: 1,
      totalAttempts: 1,
      lastFailure: null,
    });
    expect(await store.notifications.count()).toEqual({ waiting: 2, delivered: 1, dead: 0 });
    expect(await claim('one', 500)).toEqual(['n1', 'n2', 'n3']);
    expect(await store.notifications.markRead('n1', 510)).toBe(true);
    expect(await claim('one', 9999)).toEqual(['n2', 'n3']);
    expect(await store.notifications.markRead('n1', 600)).toBe(true);
    expect(await store.notifications.find('n1')).toMatchObject({ readAt: 510, dueAt: null });
    expect(await store.notifications.markRead('none', 600)).toBe(false);
  });

  it('that were read during the delivery stay read', async () => {
    await queue();
    const claimed = await claimAt(100, { owner: 'one', lease: 50, limit: 2 });
    for (const name of ['n1', 'n2']) await store.notifications.markRead(name, 105);
    await store.notifications.recordDelivery(claimed[0]!.id, { at: 110, dueAt: 500, channels: [] });
    await store.notifications.recordFailure(claimed[1]!.id, { owner: 'one', at: 110, error: 'no', dueAt: 500 });
    for (const name of ['n1', 'n2']) {
      expect(await store.notifications.find(name)).toMatchObject({ readAt: 105, dueAt: null, deadAt: null });
    }
  });

  it('are read after a delivery without a reminder', async () => {
    await queue();
    const [first] = await claimAt(100, { owner: 'one', lease: 50, limit: 1 });
    await store.notifications.recordDelivery(first!.id, { at: 110, dueAt: null, channels: [] });
    expect(await store.notifications.find('n1')).toMatchObject({ notifiedAt: 110, readAt: 110, dueAt: null });
  });

  it('count failed attempts, and are dead without a next attempt, until they are retried', async () => {
    await queue();
    const claimed = await claimAt(100, { owner: 'one', lease: 50, limit: 10 });
    const [first, second] = claimed.map(({ id }) => id);
    await store.notifications.recordFailure(first!, { owner: 'one', at: 101, error: 'status 500', dueAt: 120 });
    expect(await store.notifications.find('n1')).toMatchObject({ attempts: 1, error: 'status 500', dueAt: 120 });
    expect(await claim('one', 120)).toEqual(['n1']);
    await store.notifications.recordFailure(first!, { owner: 'one', at: 121, error: 'status 502', dueAt: null });
    await store.notifications.recordFailure(second!, { owner: 'one', at: 121, error: 'status 502', dueAt: null });
    expect(await store.notifications.count()).toEqual({ waiting: 1, delivered: 0, dead: 2 });
    expect((await store.notifications.list('dead', { after: 0, limit: 10 })).map(({ name }) => name)).toEqual([
      'n1',
      'n2',
    ]);
    expect((await store.notifications.list('dead', { after: first!, limit: 10 })).map(({ name }) => name)).toEqual([
      'n2',
    ]);
    expect(await claim('one', 140)).toEqual([]);
    expect(await store.notifications.retry(['n2', 'n3', 'none'], 141)).toEqual(['n2']);
    expect(await claim('one', 141)).toEqual(['n2']);
    expect(await store.notifications.retry('all', 142)).toEqual(['n1']);
    expect(await store.notifications.retry('all', 142)).toEqual([]);
    expect(await store.notifications.find('n1')).toMatchObject({ attempts: 0, deadAt: null, dueAt: 142 });
  });

  it('are all retried when thousands are dead, and returned oldest first', async () => {
    const count = 1203;
    await store.flags.set('notifier/cursor', '0');
    const kinds = ['new', 'severity-increased', 'packages-changed', 'withdrawn'] as const;
    const advisories = orderedAdvisories(
      Array.from({ length: count }, (_none, at) => advisory(`CVE-${at + 10_000}`, { package: 'a' })),
    );
    await store.vulnerabilities.update({ ...UPDATE, feed: 'other', advisories });
    const many = Array.from({ length: count }, (_none, at) => made(1 + Math.floor(at / 4), kinds[at % 4]));
    const notifications = many.map((each, at) => ({ ...each, name: `n${at}` }));
    expect(await store.notifications.advance({ from: 0, to: 3, notifications })).toBe(true);
    for (const { id } of await claimAt(100, { owner: 'one', lease: 50, limit: count })) {
      await store.notifications.recordFailure(id, { owner: 'one', at: 101, error: 'no', dueAt: null });
    }
    expect(await store.notifications.retry('all', 200)).toEqual(notifications.map(({ name }) => name));
    expect(await store.notifications.count()).toEqual({ waiting: count, delivered: 0, dead: 0 });
  });

  describe('that were delivered', () => {
    const history = async (page: Parameters<Store['notifications']['history']>[0]): Promise<string[]> =>
      (await store.notifications.history(page)).map(({ name }) => name);

    const delivered = async (at: readonly [number, number, number]): Promise<readonly Notification[]> => {
      await queue();
      const claimed = await claimAt(100, { owner: 'one', lease: 50, limit: 3 });
      for (const [index, { id }] of claimed.entries()) {
        await store.notifications.recordDelivery(id, { at: at[index]!, dueAt: null, channels: ['amqp'] });
      }
      return claimed;
    };

    it('are listed by last delivery, read or unread, page by page', async () => {
      await queue();
      expect(await history({ limit: 10 })).toEqual([]);
      const [first, second, third] = await claimAt(100, { owner: 'one', lease: 50, limit: 3 });
      await store.notifications.recordDelivery(first!.id, { at: 130, dueAt: 900, channels: ['webhook'] });
      await store.notifications.recordDelivery(second!.id, { at: 120, dueAt: null, channels: ['webhook'] });
      expect(await history({ limit: 10 })).toEqual(['n1', 'n2']);
      await store.notifications.recordDelivery(third!.id, { at: 140, dueAt: 900, channels: ['webhook'] });
      await store.notifications.markRead('n3', 150);
      expect(await history({ limit: 2 })).toEqual(['n3', 'n1']);
      expect(await history({ before: { notifiedAt: 130, id: first!.id }, limit: 2 })).toEqual(['n2']);
      expect(await store.notifications.count()).toEqual({ waiting: 0, delivered: 1, dead: 0 });
    });

    it('at the same time are ordered by id', async () => {
      const [, second] = await delivered([120, 120, 120]);
      expect(await history({ limit: 10 })).toEqual(['n3', 'n2', 'n1']);
      expect(await history({ before: { notifiedAt: 120, id: second!.id }, limit: 10 })).toEqual(['n1']);
    });

    it('include the channels, all attempts and the last failure, including those before a retry', async () => {
      await queue();
      const [first] = await claimAt(100, { owner: 'one', lease: 50, limit: 1 });
      const fail = async (at: number, error: string): Promise<void> => {
        await claimAt(at, { owner: 'one', lease: 50, limit: 10 });
        await store.notifications.recordFailure(first!.id, { owner: 'one', at, error, dueAt: null });
        await store.notifications.retry(['n1'], at);
      };
      await fail(200, 'status 500');
      await fail(300, 'status 502');
      await store.notifications.recordDelivery(first!.id, { at: 400, dueAt: 500, channels: ['webhook'] });
      await store.notifications.recordDelivery(first!.id, { at: 600, dueAt: null, channels: ['webhook', 'amqp'] });
      expect(await store.notifications.history({ limit: 1 })).toEqual([
        expect.objectContaining({
          name: 'n1',
          notifiedAt: 600,
          attempts: 0,
          error: null,
          channels: ['webhook', 'amqp'],
          deliveries: 2,
          totalAttempts: 4,
          lastFailure: { at: 300, reason: 'status 502' },
        }),
      ]);
    });

    it('are not in the history while a reminder is dead', async () => {
      await queue();
      const [first] = await claimAt(100, { owner: 'one', lease: 50, limit: 1 });
      await store.notifications.recordDelivery(first!.id, { at: 110, dueAt: 120, channels: ['webhook'] });
      await claimAt(120, { owner: 'one', lease: 50, limit: 10 });
      await store.notifications.recordFailure(first!.id, { owner: 'one', at: 121, error: 'no', dueAt: null });
      expect(await history({ limit: 10 })).toEqual([]);
      await store.notifications.markRead('n1', 130);
      expect(await history({ limit: 10 })).toEqual(['n1']);
    });
  });

  it('with the most failures come first on request', async () => {
    await queue();
    const claimed = await claimAt(100, { owner: 'one', lease: 50, limit: 3 });
    await store.notifications.recordFailure(claimed[2]!.id, { owner: 'one', at: 110, error: 'no', dueAt: 190 });
    const next = { owner: 'two', lease: 50, limit: 1 };
    expect(await claimAt(200, { ...next, failedFirst: true })).toMatchObject([{ name: 'n3', attempts: 1 }]);
    expect(await claimAt(200, next)).toMatchObject([{ name: 'n1' }]);
  });

  it('ignore a failure of an owner with an expired lease', async () => {
    await queue();
    const [first] = await claimAt(100, { owner: 'one', lease: 50, limit: 1 });
    await claimAt(150, { owner: 'two', lease: 50, limit: 10 });
    await store.notifications.recordFailure(first!.id, { owner: 'one', at: 160, error: 'late', dueAt: null });
    await store.notifications.release(first!.id, { owner: 'one', at: 160 });
    expect(await store.notifications.find('n1')).toMatchObject({ attempts: 0, deadAt: null, dueAt: 200 });
    await store.notifications.release(first!.id, { owner: 'two', at: 160 });
    expect(await claim('one', 160)).toEqual(['n1']);
  });
});
