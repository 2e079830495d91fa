import { expect, it } from 'vitest';
import { memoryStore } from '../database/testing/memory-store.ts';
import { withFeedLock } from './feed-lock.ts';

it('excludes other callers for the same feed only, also in the same process', async () => {
  const store = await memoryStore();
  const result = await withFeedLock('debian', store, async () => {
    const second = withFeedLock('debian', store, async () => 'second');
    await expect(second).rejects.toMatchObject({ code: 'update/locked' });
    expect(await withFeedLock('other', store, async () => 'other')).toBe('other');
    return 'first';
  });
  expect(result).toBe('first');
  expect(await withFeedLock('debian', store, async () => 'next')).toBe('next');
  await store.close();
});
