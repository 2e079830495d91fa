import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deb, digestOf } from '../../testing/packages.ts';
import { ENGINES, newLayer, NO_CONTENTS } from '../../testing/stores.ts';
import { versionOfEngine } from '../../../model/engine/engine-version.ts';
import type { FeatureChange, FeatureOwner, Layer, OwnerChange } from '../../../model/layer.ts';
import { openStore } from '../../open-store.ts';
import type { Store } from '../../contracts/store.ts';

describe.each(ENGINES)('the owners of located features, on %s', (_, options) => {
  let store: Store;
  beforeEach(async () => {
    store = await openStore(options());
  });
  afterEach(async () => {
    await store.close();
  });

  const NAMESPACE = 'debian:12';
  // The library has the type `deb`, because the list of ecosystems has no type for tests.
  const LIBRARY = { feature: deb('library', '1'), namespace: NAMESPACE };
  const [OLD, NEW] = [deb('app', '1'), deb('app', '2')].map((feature) => ({ feature, namespace: NAMESPACE }));
  const added = (of: FeatureOwner, path = ''): FeatureChange => {
    return { ...of, path, originDepth: 0, change: 1 };
  };
  const isOwned = (path: string, owner: FeatureOwner | null = null): OwnerChange => ({ ...LIBRARY, path, owner });

  /**
   * Stores a base layer with a library at two paths, one of which the package `app` owns, and layers that change the
   * owner.
   */
  async function ownedLayers(): Promise<readonly Layer[]> {
    if (OLD === undefined || NEW === undefined) throw new Error('there are two packages');
    const changes = [added(OLD), added(LIBRARY, 'usr/x'), added(LIBRARY, 'srv/x')];
    const base = await store.layers.insert({ ...newLayer('base', null, changes), owners: [isOwned('usr/x', OLD)] });
    const upgrade = [{ ...added(OLD), change: -1 } as const, added(NEW)];
    const same = await store.layers.insert(newLayer('same', base, []));
    const newer = { ...newLayer('newer', same, upgrade), owners: [isOwned('usr/x', NEW)] };
    const upgraded = await store.layers.insert(newer);
    const none = { ...newLayer('none', upgraded, []), owners: [isOwned('usr/x')] };
    return [base, same, upgraded, await store.layers.insert(none)];
  }

  const ownersAt = async ({ id }: Layer): Promise<readonly string[]> =>
    (await store.layers.features(id)).flatMap(({ path, owner }) =>
      path === '' ? [] : [`${path} ${owner?.feature.name} ${owner?.feature.version} ${owner?.namespace}`],
    );

  it('apply to the layers above until they change', async () => {
    const layers = await ownedLayers();
    expect(await Promise.all(layers.map(ownersAt))).toEqual([
      ['srv/x undefined undefined undefined', 'usr/x app 1 debian:12'],
      ['srv/x undefined undefined undefined', 'usr/x app 1 debian:12'],
      ['srv/x undefined undefined undefined', 'usr/x app 2 debian:12'],
      ['srv/x undefined undefined undefined', 'usr/x undefined undefined undefined'],
    ]);
  });

  it('are removed with their layers, and housekeeping removes their features', async () => {
    const [base] = await ownedLayers();
    expect(await store.layers.remove('newer')).toBe(2);
    expect(base && (await ownersAt(base))).toContain('usr/x app 1 debian:12');
    await store.retention.apply(await store.retention.plan({}));
    expect((await store.sizes.tables()).find(({ table }) => table === 'feature')?.rows).toBe(2);
    await store.layers.remove('base');
    await store.retention.apply(await store.retention.plan({}));
    const left = (await store.sizes.tables()).filter(({ table }) => table.startsWith('feature'));
    expect(left.map(({ rows }) => rows)).toEqual([0, 0, 0]);
  });
});

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

  it('removes the layers above it and their images, for every engine version, and nothing else', async () => {
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

  it('works beyond the depth limit of cascading keys', async () => {
    let layer: Layer | null = null;
    for (let depth = 0; depth < 1500; depth += 1) layer = await store.layers.insert(newLayer(`${depth}`, layer, []));
    expect(await store.layers.remove('0')).toBe(1500);
  });

  it('prevents new layers above it', async () => {
    const base = await insert('base', null);
    await store.layers.remove('base');
    await expect(insert('top', base)).rejects.toMatchObject({ code: 'layer/parent-unknown' });
    expect(await store.layers.find('top')).toBeUndefined();
  });
});

describe.each(ENGINES)('the bytes of layers, on %s', (_, options) => {
  let store: Store;
  beforeEach(async () => {
    store = await openStore(options());
  });
  afterEach(async () => {
    await store.close();
  });

  it('have one diff ID, which never changes', async () => {
    expect(await store.layers.diffIdOf(digestOf('a'))).toBeUndefined();
    await store.layers.noteBlob(digestOf('a'), digestOf('b'));
    await store.layers.noteBlob(digestOf('a'), digestOf('c'));
    expect(await store.layers.diffIdOf(digestOf('a'))).toBe(digestOf('b'));
  });

  it('may have the diff ID of other bytes', async () => {
    for (const blob of ['a', 'b']) await store.layers.noteBlob(digestOf(blob), digestOf('c'));
    for (const blob of ['a', 'b']) expect(await store.layers.diffIdOf(digestOf(blob))).toBe(digestOf('c'));
  });
});

it.each(ENGINES)(
  'on %s, a name has the layer that is current for an engine or, without a current layer, the most recent layer',
  async (_, options) => {
    const store = await openStore(options());
    try {
      for (const version of [5, versionOfEngine(5, 7), 6, versionOfEngine(4, 7)]) {
        await store.layers.insert({ ...newLayer('one', null, []), engineVersion: version });
      }
      const found = async (engine?: number) => (await store.layers.find('one', engine))?.engineVersion;
      expect(await found(5)).toBe(6);
      expect(await found(versionOfEngine(5, 7))).toBe(versionOfEngine(5, 7));
      expect(await found(versionOfEngine(5, 8))).toBe(versionOfEngine(4, 7));
      expect(await found()).toBe(versionOfEngine(4, 7));
      const outdated = await Promise.all(
        [5, versionOfEngine(5, 7), 7, versionOfEngine(5, 8)].map((version) => store.layers.countOutdated(version)),
      );
      expect(outdated).toEqual([0, 0, 1, 1]);
    } finally {
      await store.close();
    }
  },
);
