import { expect, it } from 'vitest';
import { openStore } from '../database/open-store.ts';
import { withSourceLock } from './source-lock.ts';

it('keeps out everybody else, in this process too, from that source alone', async () => {
  const store = await openStore({ type: 'memory' });
  const result = await withSourceLock('debian', store, async () => {
    const second = withSourceLock('debian', store, async () => 'second');
    await expect(second).rejects.toMatchObject({ code: 'update/locked' });
    expect(await withSourceLock('other', store, async () => 'other')).toBe('other');
    return 'first';
  });
  expect(result).toBe('first');
  expect(await withSourceLock('debian', store, async () => 'next')).toBe('next');
  await store.close();
});
