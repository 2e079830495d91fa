import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { changesBetween, parseRecordTimes, timesInArchive, withoutRecords, writeRecordTimes } from './record-list.ts';

const NOON = Date.UTC(2099, 0, 1, 12);

describe('a list of 100,000 records', () => {
  const times = new Map(Array.from({ length: 100_000 }, (_, at) => [`MAL-2099-${at}`, NOON + at]));

  it.each<[string, () => Promise<unknown>]>([
    ['written and parsed', async () => await parseRecordTimes(await writeRecordTimes(times))],
    ['compared', async () => await changesBetween(times, new Map(times))],
    ['compared with an archive', async () => await timesInArchive(times, new Map(times))],
    ['cut', async () => await withoutRecords(times, new Set(['MAL-2099-1']))],
  ])('yields to the event loop while it is %s', async (_, work) => {
    const state = { isDone: false };
    const done = work().finally(() => void (state.isDone = true));
    let turns = 0;
    for (; !state.isDone; turns += 1) await setImmediate();
    await done;
    expect(turns).toBeGreaterThan(1);
  });
});
