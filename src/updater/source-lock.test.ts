import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openStore } from '../database/open-store.ts';
import type { Store } from '../database/store.ts';
import { type SourceLockOptions, withSourceLock } from './source-lock.ts';

let store: Store;
let options: SourceLockOptions;
beforeEach(async () => {
  vi.useFakeTimers({ now: 0, toFake: ['Date', 'setInterval', 'clearInterval'] });
  store = await openStore({ type: 'memory' });
  options = { locks: store.locks, now: Date.now };
});
afterEach(async () => {
  vi.useRealTimers();
  await store.close();
});

const acquireAt = async (now: number): Promise<boolean> =>
  await store.locks.acquire('update:debian', 'another process', now, 1);

it('keeps out everybody else, in this process too, and gives the lock back', async () => {
  const result = await withSourceLock('debian', options, async () => {
    const second = withSourceLock('debian', options, async () => 'second');
    await expect(second).rejects.toMatchObject({ code: 'update/locked' });
    expect(await acquireAt(0)).toBe(false);
    expect(await withSourceLock('other', options, async () => 'other')).toBe('other');
    return 'first';
  });
  expect(result).toBe('first');
  expect(await acquireAt(0)).toBe(true);
});

it('gives the lock back when the work fails', async () => {
  const failing = withSourceLock('debian', options, async () => await Promise.reject(new Error('broken')));
  await expect(failing).rejects.toThrow('broken');
  expect(await acquireAt(0)).toBe(true);
});

it('holds the lock for as long as the work takes, and no longer', async () => {
  await withSourceLock('debian', options, async () => {
    await vi.advanceTimersByTimeAsync(10 * 60_000);
    expect(await acquireAt(Date.now() + 45_000)).toBe(false);
    expect(await acquireAt(Date.now() + 61_000)).toBe(true);
  });
});
