import { afterEach, describe, expect, it, vi } from 'vitest';
import { knowLayer, publish } from '../../testing/store-content.ts';
import { advisory, deb } from '../../testing/packages.ts';
import { newPostgresSource } from '../../testing/stores.ts';
import { ClairError } from '../../../errors.ts';
import type { DatabaseClock, Queries } from '../engine.ts';
import { openStore } from '../../open-store.ts';
import { openPostgresClock } from './clock.ts';
import type { Store } from '../../contracts/store.ts';

describe('the clock of a server', () => {
  const here = { elapsed: 0 };
  const server = { time: 0, takes: 0, isAway: false };

  async function open(): Promise<DatabaseClock> {
    Object.assign(here, { elapsed: 5000 });
    Object.assign(server, { time: 1_000_000, takes: 0, isAway: false });
    const get = async (): Promise<unknown> => {
      if (server.isAway) throw new ClairError('database/unavailable', 'away');
      here.elapsed += server.takes;
      return { time: server.time };
    };
    return await openPostgresClock({ get } as unknown as Queries, () => here.elapsed);
  }

  /** Returns the time after `milliseconds` have passed, and after the response to a query if a query is due. */
  async function after(clock: DatabaseClock, milliseconds: number): Promise<number> {
    here.elapsed += milliseconds;
    clock.now();
    await new Promise(setImmediate);
    return clock.now();
  }

  it('advances between queries, which are one minute apart', async () => {
    const clock = await open();
    expect(clock.now()).toBe(1_000_000);
    server.time = 2_000_000;
    expect(await after(clock, 60_000)).toBe(1_060_000);
    expect(await after(clock, 1)).toBe(2_000_000);
  });

  it("assumes that the server's time is from halfway between query and answer", async () => {
    const clock = await open();
    server.takes = 800;
    server.time = 2_000_000;
    expect(await after(clock, 60_001)).toBe(2_000_400);
  });

  it('is not corrected by a slow response or without a response', async () => {
    const clock = await open();
    server.time = 2_000_000;
    server.takes = 1001;
    expect(await after(clock, 60_001)).toBe(1_061_002);
    server.isAway = true;
    expect(await after(clock, 60_001)).toBe(1_121_003);
    Object.assign(server, { isAway: false, takes: 0 });
    expect(await after(clock, 60_001)).toBe(2_000_000);
  });
});

/** The error of each instance's machine clock, in milliseconds. */
const WRONG = [-600_000, 0, 600_000];

describe('instances with clocks minutes apart', () => {
  let stores: Store[] = [];
  afterEach(async () => {
    vi.useRealTimers();
    await Promise.all(stores.map((store) => store.close()));
  });

  /** Runs `work` with the machine clock of the instance with number `at`. */
  async function on<T>(at: number, work: (store: Store) => Promise<T>): Promise<T> {
    vi.useFakeTimers({ now: real() + (WRONG[at] ?? 0), toFake: ['Date'] });
    try {
      return await work(stores[at]!);
    } finally {
      vi.useRealTimers();
    }
  }
  const real = (): number => Date.now();

  async function openAll(): Promise<void> {
    const source = newPostgresSource();
    stores = [];
    for (const wrong of WRONG) {
      vi.useFakeTimers({ now: real() + wrong, toFake: ['Date'] });
      stores.push(await openStore({ type: 'postgres', source }));
      vi.useRealTimers();
    }
  }

  it('return the same time', async () => {
    await openAll();
    for (const at of WRONG.keys()) {
      const told = await on(at, async (store) => store.now());
      expect(Math.abs(told - real())).toBeLessThan(10_000);
    }
  });

  it("respect each other's leases, and take over expired leases", async () => {
    await openAll();
    for (const at of WRONG.keys()) {
      const acquire = async (by: number, ttl: number): Promise<boolean> =>
        await on(by, (store) => store.locks.acquire(`lock-${at}`, `owner-${by}`, ttl));
      const others = [...WRONG.keys()].filter((other) => other !== at);
      expect(await acquire(at, 60_000)).toBe(true);
      for (const other of others) expect(await acquire(other, 60_000)).toBe(false);
      expect(await acquire(at, 1)).toBe(true);
      await expect.poll(() => acquire(others[0]!, 60_000), { timeout: 10_000 }).toBe(true);
    }
  });

  it('deliver due notifications, but none that another instance delivers', async () => {
    await openAll();
    await knowLayer(stores[0]!, 'base', [deb('a', '1')]);
    await publish(stores[0]!, [advisory('CVE-1', { package: 'a' })]);
    for (const at of WRONG.keys()) {
      await on(at, async (store) => {
        const from = await store.notifications.cursor();
        await publish(store, [advisory('CVE-1', { package: 'a', fixed: `${at + 2}` })]);
        const [change] = (await store.changeLog.read({ after: from, limit: 1 })).map(({ id }) => id);
        const notification = {
          name: `n${at}`,
          change: change ?? 0,
          kind: 'new' as const,
          createdAt: store.now() - 1000,
        };
        expect(await store.notifications.advance({ from, to: change ?? 0, notifications: [notification] })).toBe(true);
      });
      const claim = async (by: number): Promise<string[]> =>
        await on(by, async (store) =>
          (await store.notifications.claim({ owner: `${by}`, lease: 60_000, limit: 5 })).map(({ name }) => name),
        );
      const other = (at + 1) % WRONG.length;
      expect(await claim(other)).toEqual([`n${at}`]);
      expect(await claim(at)).toEqual([]);
      expect(await claim((at + 2) % WRONG.length)).toEqual([]);
    }
  });
});
