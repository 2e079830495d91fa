import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deb, digestOf } from '../../testing/packages.ts';
import { ENGINES, newLayer, NO_CONTENTS } from '../../testing/stores.ts';
import type { Layer } from '../../../model/layer.ts';
import { openStore } from '../../open-store.ts';
import type { Store } from '../../contracts/store.ts';

describe.each(ENGINES)('removing a layer, on %s', (_, options) => {
  let store: Store;
  beforeEach(async () => {
    store = await openStore(options());
  });
  afterEach(async () => {
    await store.close();
  });

  const insert = async (name: string, parent: Layer | null, engineVersion = 1): Promise<Layer> => {
    const change = { feature: deb(name, '1'), path: '', namespace: 'debian:12', originDepth: 0, change: 1 } as const;
    return await store.layers.insert({ ...newLayer(name, parent, [change]), engineVersion });
  };

  it('takes what was built on it and the images above, of every engine, and nothing else', async () => {
    const base = await insert('base', null);
    const middle = await insert('middle', base);
    const top = await insert('top', middle);
    await insert('top again', await insert('middle', await insert('base', null, 2), 2), 2);
    await insert('sibling', base);
    const image = { digest: digestOf('c'), reference: '', target: '', platform: '', leaf: top.id, scannedAt: 1 };
    await store.images.record({ ...NO_CONTENTS, ...image });
    expect(await store.layers.remove('middle')).toBe(4);
    for (const name of ['middle', 'top', 'top again']) expect(await store.layers.find(name)).toBeUndefined();
    expect(await store.layers.features(top.id)).toEqual([]);
    expect(await store.images.find(image.digest)).toBeUndefined();
    expect(await store.layers.find('sibling')).toBeDefined();
    expect(await store.layers.contents(digestOf('a'), 1)).toEqual(Buffer.from('{}'));
    expect(await store.layers.remove('top')).toBe(0);
  });

  it('goes deeper than keys cascade', async () => {
    let layer: Layer | null = null;
    for (let depth = 0; depth < 1500; depth += 1) layer = await store.layers.insert(newLayer(`${depth}`, layer, []));
    expect(await store.layers.remove('0')).toBe(1500);
  });

  it('lets nothing be built on it any more', async () => {
    const base = await insert('base', null);
    await store.layers.remove('base');
    await expect(insert('top', base)).rejects.toMatchObject({ code: 'layer/parent-unknown' });
    expect(await store.layers.find('top')).toBeUndefined();
  });
});
