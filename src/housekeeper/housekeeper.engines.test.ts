import { beforeEach, describe, expect, it } from 'vitest';
import { knowLayer } from '../database/testing/store-content.ts';
import { deb } from '../database/testing/packages.ts';
import { ENGINES } from '../database/testing/stores.ts';
import { openStore } from '../database/open-store.ts';
import type { Store } from '../database/contracts/store.ts';
import { createHousekeeper, type Housekeeper, type Retention } from './housekeeper.ts';

const DAY = 86_400_000;
const FOR_EVER: Retention = { images: 0, layers: 0, notifications: 0, changeLog: 0 };

describe.each(ENGINES)('a housekeeper on %s', (_, options) => {
  let store: Store;
  let time: number;
  /** The current time of the database clock. */
  let clock: number;
  let flushed: number;
  beforeEach(async () => {
    time = Date.now() + 100 * DAY;
    clock = Date.now();
    store = await openStore(options(), { time: () => clock });
    flushed = 0;
    return async () => await store.close();
  });

  const housekeeper = (retention: Partial<Retention> = {}): Housekeeper =>
    createHousekeeper({
      store,
      retention: { ...FOR_EVER, ...retention },
      asked: { flush: async () => void (flushed += 1) },
      now: () => time,
    });
  const preview = async (of: Housekeeper): Promise<string[]> => {
    const names: string[] = [];
    for await (const { kind, name } of of.preview()) names.push(`${kind} ${name}`);
    return names;
  };

  it('deletes exactly what its preview lists and records time and table sizes', async () => {
    await knowLayer(store, 'old', [deb('a', '1')]);
    const keeper = housekeeper({ layers: 90 * DAY });
    expect(await keeper.last()).toBeUndefined();
    expect(await preview(keeper)).toEqual([
      'layer old',
      expect.stringMatching(/^layer_contents sha256:/),
      'feature a 1 amd64',
      'line debian:12 a',
      'namespace debian:12',
    ]);
    expect(await store.layers.find('old')).toBeDefined();
    const removed = { layer: 1, layer_contents: 1, feature: 1, line: 1, namespace: 1 };
    expect(await keeper.run()).toMatchObject({ removed, undelivered: [] });
    expect(flushed).toBe(1);
    expect(await preview(keeper)).toEqual([]);
    const last = await keeper.last();
    expect(last?.at).toBe(time);
    expect(last?.tables.find(({ table }) => table === 'layer')).toMatchObject({ rows: 0 });
  });

  it('keeps data with retention 0 forever', async () => {
    await knowLayer(store, 'old', [deb('a', '1')]);
    expect(await preview(housekeeper())).toEqual([]);
    expect(await preview(housekeeper({ layers: 101 * DAY }))).toEqual([]);
  });

  it('does nothing while another instance runs, and takes over after its lease expires', async () => {
    await store.locks.acquire('housekeeping', 'another process', 60_000);
    await expect(housekeeper().run()).rejects.toMatchObject({ code: 'housekeeping/locked' });
    expect(flushed).toBe(0);
    clock += 60_000;
    await housekeeper().run();
    await housekeeper().run();
    expect(flushed).toBe(2);
  });

  it('records no run when it is stopped', async () => {
    await knowLayer(store, 'old', []);
    const keeper = housekeeper({ layers: DAY });
    await expect(keeper.run(AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop');
    expect(await keeper.last()).toBeUndefined();
    expect(await keeper.run()).toMatchObject({ removed: { layer: 1 } });
  });
});
