import { expect, it } from 'vitest';
import { groupedItems, readItems } from './grouped-items.ts';

async function* groups(): AsyncGenerator<readonly number[]> {
  yield [1, 2];
  yield [];
  yield [3];
}

async function* singles(): AsyncGenerator<number> {
  yield* [1, 2, 3];
}

it.each([
  ['groups', () => groupedItems(groups())],
  ['single items', singles],
])('reads each item of %s once, in order', async (_, items) => {
  const read: number[] = [];
  await readItems(items(), (item) => void read.push(item));
  expect(read).toEqual([1, 2, 3]);
});

it('iterates the items of groups one by one, and ends the groups with the iteration', async () => {
  let hasEnded = false;
  async function* watched(): AsyncGenerator<readonly number[]> {
    try {
      yield* groups();
    } finally {
      hasEnded = true;
    }
  }
  for await (const item of groupedItems(watched())) if (item === 2) break;
  expect(hasEnded).toBe(true);
});

it('rejects with the error of the reader', async () => {
  const fails = (): never => {
    throw new Error('no');
  };
  await expect(readItems(groupedItems(groups()), fails)).rejects.toThrow('no');
});

it.each([
  ['groups', () => groupedItems(groups())],
  ['single items', singles],
])('lets other work run while %s are read', async (_, items) => {
  const done: string[] = [];
  setImmediate(() => done.push('other work'));
  await readItems(items(), (item) => {
    done.push(`item ${item}`);
    // Longer than a turn.
    for (const end = performance.now() + 20; performance.now() < end; );
  });
  expect(done.indexOf('other work')).toBeGreaterThan(0);
  expect(done.indexOf('other work')).toBeLessThan(3);
});
