import { expect, it } from 'vitest';
import { countedReading, createLoadMemory, isForAllProcessors } from './reading-load.ts';

it('counts readings until they end or fail', async () => {
  const memory = createLoadMemory();
  const { promise: end, resolve } = promiseWithResolve();
  expect(isForAllProcessors(memory, 1)).toBe(false);
  const readings = [
    countedReading(memory, async () => await end),
    countedReading(memory, async () => {
      await end;
      throw new Error('unreadable');
    }),
  ];
  expect([2, 3].map((processors) => isForAllProcessors(memory, processors))).toEqual([true, false]);
  resolve();
  expect((await Promise.allSettled(readings)).map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  expect(isForAllProcessors(memory, 1)).toBe(false);
});

function promiseWithResolve(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}
