import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from './contracts/store.ts';
import { openStore } from './open-store.ts';
import { advisory, deb } from './testing/packages.ts';
import { knowLayer, publish } from './testing/store-content.ts';
import { ENGINES } from './testing/stores.ts';

/**
 * The engines with several connections. The database in memory has only one connection, so writers wait for the end of
 * a snapshot.
 */
const SHARED = ENGINES.filter(([name]) => name !== 'memory');

describe.each(SHARED)('a snapshot on %s', (_, options) => {
  let store: Store;
  beforeEach(async () => {
    store = await openStore(options());
  });
  afterEach(async () => await store.close());

  it('shows the same state during concurrent writes', async () => {
    const { id } = await knowLayer(store, 'base', [deb('a', '1')]);
    await publish(store, [advisory('CVE-1', { package: 'a' })], 1000);
    const found = async ({ matches }: Pick<Store, 'matches'>): Promise<readonly string[]> =>
      (await matches.ofLayer(id)).map(({ vulnerability }) => vulnerability.name);

    await store.snapshot(async (at) => {
      expect(await found(at)).toEqual(['CVE-1']);
      await publish(store, [advisory('CVE-2', { package: 'a' })], 2000);
      expect(await found(store)).toEqual(['CVE-2']);
      expect(await found(at)).toEqual(['CVE-1']);
      expect(await at.feeds.covering('debian:12')).toEqual(['debian']);
    });
    expect(await store.snapshot(found)).toEqual(['CVE-2']);
  });

  it('ends cleanly when reading fails', async () => {
    await knowLayer(store, 'base', [deb('a', '1')]);
    await expect(store.snapshot(() => Promise.reject(new Error('planted')))).rejects.toThrow('planted');
    expect(await store.snapshot(async ({ layers }) => (await layers.find('base'))?.depth)).toBe(0);
  });

  it('can be taken many times at once', async () => {
    const depths = Array.from({ length: 20 }, () => store.snapshot(async ({ feeds }) => (await feeds.all()).length));
    expect(await Promise.all(depths)).toEqual(Array.from({ length: 20 }, () => 0));
  });
});

describe.each(ENGINES)('reads together on %s', (_, options) => {
  let store: Store;
  beforeEach(async () => {
    store = await openStore(options());
  });
  afterEach(async () => await store.close());

  it('return their own data, each in its order', async () => {
    const { id } = await knowLayer(store, 'base', [deb('a', '1')]);
    const read = await store.together(
      async ({ layers, feeds }) =>
        await Promise.all([layers.features(id), feeds.all(), layers.chain(id), layers.find('none')]),
    );
    expect(read).toMatchObject([[{ feature: { name: 'a' } }], [], [{ id }], undefined]);
  });

  it('leave the store usable when one of them fails', async () => {
    const { id } = await knowLayer(store, 'base', [deb('a', '1')]);
    const failing = store.together(
      async ({ layers }) =>
        await Promise.all([layers.chain(id), Promise.reject(new Error('planted')), layers.find('base')]),
    );
    await expect(failing).rejects.toThrow('planted');
    expect((await store.layers.find('base'))?.depth).toBe(0);
  });
});
