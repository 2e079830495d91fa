import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ENGINES } from '../testing/stores.ts';
import { ClairError } from '../../errors.ts';
import { tryLease, withLease } from './lease.ts';
import { createLockStore } from './lock-store.ts';
import type { LockStore } from '../contracts/locks.ts';
import { openStore } from '../open-store.ts';
import { openSqlite } from '../engines/sqlite/engine.ts';
import type { Store } from '../contracts/store.ts';

const TTL = 60_000;

describe.each(ENGINES)('on %s', (_, options) => {
  let store: Store;
  /** The clock of the database. */
  let time: number;
  beforeEach(async () => {
    time = 0;
    store = await openStore(options(), { time: () => time });
  });
  afterEach(async () => {
    vi.useRealTimers();
    await store.close();
  });

  const acquireAt = async (now: number, owner: string, name = 'update'): Promise<boolean> => {
    time = now;
    return await store.locks.acquire(name, owner, 100);
  };
  const taken = (): Error => new Error('taken');

  describe('a lock', () => {
    it('has one owner at a time, until it expires', async () => {
      expect(await acquireAt(0, 'a')).toBe(true);
      expect(await acquireAt(99, 'b')).toBe(false);
      expect(await acquireAt(99, 'a')).toBe(true);
      await store.locks.release('update', 'b');
      expect(await acquireAt(198, 'b')).toBe(false);
      expect(await acquireAt(199, 'b')).toBe(true);
      await store.locks.release('update', 'b');
      expect(await acquireAt(200, 'a')).toBe(true);
      expect(await acquireAt(200, 'b', 'another')).toBe(true);
    });

    it('is taken from a process that died while its clock was wrong', async () => {
      const year = 365 * 24 * 60 * 60 * 1000;
      expect(await acquireAt(year, 'a')).toBe(true);
      expect(await acquireAt(year + 50, 'b')).toBe(false);
      // The clock is correct again.
      expect(await acquireAt(1000, 'b')).toBe(true);
      expect(await acquireAt(1050, 'a')).toBe(false);
      // A clock set back by a few minutes does not release the lock.
      expect(await acquireAt(600_000, 'b')).toBe(true);
      expect(await acquireAt(1000, 'a')).toBe(false);
    });

    it('that expires in a year is removed with expired locks', async () => {
      await acquireAt(365 * 24 * 60 * 60 * 1000, 'a', 'dead');
      time = 1000;
      await store.locks.removeExpired();
      expect(await store.locks.renew({ name: 'dead', owner: 'a' }, 1)).toBe(false);
    });

    it('is renewed only by its owner, and not after another owner had it', async () => {
      await acquireAt(0, 'a');
      const renew = async (owner: string): Promise<boolean> => await store.locks.renew({ name: 'update', owner }, 100);
      time = 90;
      expect(await renew('a')).toBe(true);
      expect(await renew('b')).toBe(false);
      expect(await acquireAt(189, 'b')).toBe(false);
      // The lease expired, but no other owner took it.
      time = 300;
      expect(await renew('a')).toBe(true);
      expect(await acquireAt(400, 'b')).toBe(true);
      await store.locks.release('update', 'b');
      expect(await renew('a')).toBe(false);
    });

    it('is removed when it has expired', async () => {
      await acquireAt(0, 'a', 'dead');
      await acquireAt(50, 'a', 'alive');
      time = 100;
      await store.locks.removeExpired();
      expect(await store.locks.renew({ name: 'dead', owner: 'a' }, 1)).toBe(false);
      expect(await store.locks.renew({ name: 'alive', owner: 'a' }, 1)).toBe(true);
    });
  });

  describe('a lease', () => {
    it('excludes other owners and is released', async () => {
      const result = await withLease('x', { store, taken }, async () => {
        await expect(withLease('x', { store, taken }, async () => 'second')).rejects.toThrow('taken');
        expect(await tryLease('x', { store }, async () => 'second')).toBeUndefined();
        return await withLease('y', { store, taken }, async () => 'other');
      });
      expect(result).toBe('other');
      expect(await tryLease('x', { store }, async () => 'next')).toEqual({ value: 'next' });
    });

    it('is released when the work fails', async () => {
      const failing = withLease('x', { store, taken }, async () => await Promise.reject(new Error('broken')));
      await expect(failing).rejects.toThrow('broken');
      expect(await acquireAt(0, 'next', 'x')).toBe(true);
    });

    it('rejects writes after another owner took the lease', async () => {
      const work = withLease('x', { store, taken }, async (lease) => {
        await lease.store.flags.set('result', 'mine');
        time += TTL;
        // The lease has expired, but no other owner has taken it.
        await lease.store.flags.set('result', 'still mine');
        await withLease('x', { store, taken }, async (next) => await next.store.flags.set('result', 'of another'));
        await lease.store.flags.set('result', 'late');
      });
      await expect(work).rejects.toMatchObject({ code: 'database/lease-lost' });
      expect(await store.flags.get('result')).toBe('of another');
    });

    it('of another owner is not released by the previous owner', async () => {
      await withLease('x', { store, taken }, async () => {
        time += TTL;
        expect(await acquireAt(time, 'another', 'x')).toBe(true);
      });
      expect(await acquireAt(time, 'third', 'x')).toBe(false);
    });
  });
});

it('a lock is polled without a transaction, which would invalidate cached responses', async () => {
  const engine = await openSqlite();
  await createLockStore(engine).acquire('x', 'one', TTL);
  const waiting = createLockStore({ ...engine, transaction: () => expect.unreachable() });
  expect(await waiting.acquire('x', 'another', TTL)).toBe(false);
  await engine.close();
});

describe('a lease', () => {
  let store: Store;
  beforeEach(async () => {
    vi.useFakeTimers({ now: 0, toFake: ['Date', 'setInterval', 'clearInterval', 'performance'] });
    store = await openStore({ type: 'memory' });
  });
  afterEach(async () => {
    vi.useRealTimers();
    await store.close();
  });

  const taken = (): Error => new Error('taken');
  const renewedBy = (renew: LockStore['renew']): Store => ({ ...store, locks: { ...store.locks, renew } });

  it('is held exactly as long as the work runs', async () => {
    await withLease('x', { store, taken }, async ({ signal }) => {
      await vi.advanceTimersByTimeAsync(10 * TTL);
      expect(signal.aborted).toBe(false);
      vi.setSystemTime(Date.now() + 44_000);
      expect(await store.locks.acquire('x', 'another', 1)).toBe(false);
      vi.setSystemTime(Date.now() + 17_000);
      expect(await store.locks.acquire('x', 'another', 1)).toBe(true);
    });
  });

  it('aborts its work at the next renewal after another owner took the lease', async () => {
    await withLease('x', { store, taken }, async ({ signal }) => {
      vi.setSystemTime(Date.now() + TTL);
      await withLease('x', { store, taken }, async () => undefined);
      await vi.advanceTimersByTimeAsync(TTL / 4);
      expect(signal.reason).toMatchObject({ code: 'database/lease-lost' });
    });
  });

  it('survives a database outage shorter than its duration, but not a longer outage', async () => {
    let isAway = true;
    const away = renewedBy(async (lock, ttl) => {
      if (isAway) throw new ClairError('database/unavailable', 'away');
      return await store.locks.renew(lock, ttl);
    });
    await withLease('x', { store: away, taken }, async ({ signal }) => {
      await vi.advanceTimersByTimeAsync(0.8 * TTL);
      isAway = false;
      await vi.advanceTimersByTimeAsync(TTL);
      isAway = true;
      await vi.advanceTimersByTimeAsync(0.8 * TTL);
      expect(signal.aborted).toBe(false);
      await vi.advanceTimersByTimeAsync(0.5 * TTL);
      expect(signal.reason).toMatchObject({ code: 'database/lease-lost', cause: { code: 'database/unavailable' } });
    });
  });

  it('is not renewed after its release', async () => {
    let finish = (): void => undefined;
    const slow = renewedBy(async (lock, ttl) => {
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      return await store.locks.renew(lock, ttl);
    });
    await withLease('x', { store: slow, taken }, async () => {
      await vi.advanceTimersByTimeAsync(TTL / 4);
      setImmediate(finish);
    });
    expect(await store.locks.acquire('x', 'next', 1)).toBe(true);
  });
});
