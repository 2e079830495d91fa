import { describe, expect, it } from 'vitest';
import { ClairError } from '../../../errors.ts';
import { type Added, batchAdditions } from './batched-additions.ts';

describe('additions', () => {
  it('that arrive during an addition are added together, in order, at most 50 at once', async () => {
    const batches: number[] = [];
    const add = batchAdditions<number, string>(async (items) => {
      batches.push(items.length);
      await new Promise((resolve) => setImmediate(resolve));
      return items.map((item): Added<string> => ({ item: `${item}` }));
    });
    const items = Array.from({ length: 112 }, (_, at) => at);
    expect(await Promise.all(items.map(add))).toEqual(items.map(String));
    expect(batches).toEqual([1, 50, 50, 11]);
    expect(await add(7)).toBe('7');
  });

  it('have their own errors', async () => {
    const full = new ClairError('submission/queue-full', 'full');
    const add = batchAdditions<number, number>(async (items) =>
      items.map((item) => (item === 2 ? { error: full } : { item })),
    );
    expect(await Promise.allSettled([1, 2, 3].map(add))).toMatchObject([{ value: 1 }, { reason: full }, { value: 3 }]);
  });

  it('do not fail with an item that the database refuses', async () => {
    const add = batchAdditions<number, number>(async (items) => {
      if (items.includes(3)) throw new Error('refused');
      return items.map((item) => ({ item }));
    });
    const results = await Promise.allSettled([1, 2, 3, 4].map(add));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
  });

  it('fail together, once, without the database', async () => {
    let calls = 0;
    const add = batchAdditions<number, number>(async () => {
      calls += 1;
      throw new ClairError('database/unavailable', 'gone');
    });
    const results = await Promise.allSettled([1, 2, 3, 4].map(add));
    expect([calls, ...results.map(({ status }) => status)]).toEqual([2, ...results.map(() => 'rejected')]);
  });
});
