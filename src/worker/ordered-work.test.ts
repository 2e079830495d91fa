import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { inOrder } from './ordered-work.ts';

/** Returns work that takes a given number of milliseconds and records its events. */
function noting(events: string[], fails: ReadonlySet<number> = new Set()) {
  return async (milliseconds: number, signal: AbortSignal): Promise<number> => {
    events.push(`begin ${milliseconds}`);
    await setTimeout(milliseconds, undefined, { signal }).catch(() => events.push(`stop ${milliseconds}`));
    signal.throwIfAborted();
    if (fails.has(milliseconds)) throw new Error(`${milliseconds} fails`);
    events.push(`end ${milliseconds}`);
    return milliseconds;
  };
}

async function collect(results: AsyncIterable<number>): Promise<number[]> {
  const collected: number[] = [];
  for await (const result of results) collected.push(result);
  return collected;
}

describe('inOrder', () => {
  it.each([1, 2, 3, 9])('returns results in the order of the items, %i ahead', async (ahead) => {
    const items = [10, 1, 7, 2, 5];
    expect(await collect(inOrder(items, ahead, noting([])))).toEqual(items);
  });

  it('returns nothing for no items', async () => {
    expect(await collect(inOrder([], 2, noting([])))).toEqual([]);
  });

  it('starts no more work than allowed', async () => {
    const events: string[] = [];
    await collect(inOrder([30, 2, 3], 2, noting(events)));
    expect(events).toEqual(['begin 30', 'begin 2', 'end 2', 'end 30', 'begin 3', 'end 3']);
  });

  it('throws a failure in its turn and stops running work', async () => {
    const events: string[] = [];
    const given: number[] = [];
    const work = inOrder([40, 1, 5000, 3], 3, noting(events, new Set([1])));
    const reading = (async () => {
      for await (const result of work) given.push(result);
    })();
    await expect(reading).rejects.toThrow('1 fails');
    expect(given).toEqual([40]);
    expect(events).toContain('stop 5000');
  });

  it('stops running work when the consumer stops', async () => {
    const events: string[] = [];
    for await (const result of inOrder([1, 5000, 6000], 2, noting(events))) if (result === 1) break;
    expect(events).toEqual(['begin 1', 'begin 5000', 'end 1', 'stop 5000']);
  });
});
