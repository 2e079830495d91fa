import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { type LayerUse, createLayerUse } from './layer-use.ts';

const DAY = 86_400_000;

describe('recorded layer uses', () => {
  let asked: LayerUse;
  let time: number;
  let written: [readonly number[], number][];
  let failures: unknown[];
  let isBroken: boolean;
  let go: (() => void) | undefined;

  beforeEach(() => {
    [time, written, failures, isBroken] = [5 * DAY, [], [], false];
    asked = createLayerUse({
      layers: {
        async noteUse(ids, at) {
          if (isBroken) throw new Error('no database');
          written.push([ids, at]);
        },
      },
      now: () => time,
      failed: (error) => failures.push(error),
      pause: async () => await new Promise((resolve) => void (go = resolve)),
    });
  });

  /** Ends the current pause, if any. */
  async function wait(): Promise<void> {
    go?.();
    await setImmediate();
  }

  it('are written in a batch a few seconds after the first', async () => {
    for (const id of [1, 2, 1, 3]) asked.note(id);
    expect(written).toEqual([]);
    await wait();
    expect(written).toEqual([[[1, 2, 3], time]]);
  });

  it('are written once per day and layer', async () => {
    asked.note(1);
    await asked.flush();
    asked.note(1);
    asked.note(2);
    await asked.flush();
    time += DAY;
    asked.note(1);
    await asked.flush();
    expect(written.map(([ids]) => ids)).toEqual([[1], [2], [1]]);
  });

  it('are kept when writing fails', async () => {
    isBroken = true;
    asked.note(1);
    await wait();
    expect(failures).toEqual([new Error('no database')]);
    isBroken = false;
    asked.note(2);
    await wait();
    expect(new Set(written.flatMap(([ids]) => ids))).toEqual(new Set([1, 2]));
  });
});
