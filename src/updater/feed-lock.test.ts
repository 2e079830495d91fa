import { expect, it } from 'vitest';
import { openStore } from '../database/open-store.ts';
import { withFeedLock } from './feed-lock.ts';

it('excludes other callers for the same feed only, also in the same process', async () => {
  const store = await openStore({ type: 'memory' });
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
