import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { advisory, deb, digestOf } from '../../testing/packages.ts';
import { ENGINES, newLayer, NO_CONTENTS } from '../../testing/stores.ts';
import type { Layer } from '../../../model/layer.ts';
import { orderedAdvisories } from '../vulnerabilities/advisory-order.ts';
import { MAX_IMAGES_OF_REFERENCE } from './image-store.ts';
import { openStore } from '../../open-store.ts';
import type { IndexedImage } from '../../contracts/images.ts';
import type { Store } from '../../contracts/store.ts';

describe.each(ENGINES)('the images of a store on %s', (_, options) => {
  let store: Store;
  beforeEach(async () => {
    store = await openStore(options());
  });
  afterEach(async () => {
    await store.close();
  });

  async function layerOf(name: string, engineVersion: number): Promise<Layer> {
    return await store.layers.insert({ ...newLayer(name, null, []), engineVersion });
  }

  function imageOf(digit: string, leaf: Layer | null): IndexedImage {
    const digest = digestOf(digit);
    const target = `registry:example.com/r@${digest}`;
    return { digest, reference: 'r:1', target, platform: 'linux/amd64', leaf: leaf?.id ?? null, scannedAt: 1 };
  }

  it('are stored by digest, as scanned last', async () => {
    const image = imageOf('f', await layerOf('leaf', 1));
    await store.images.record({ ...NO_CONTENTS, ...image });
    const again = { ...image, reference: 'r:2', target: 'oci:/images:2', scannedAt: 2 };
    await store.images.record({ ...NO_CONTENTS, ...again });
    expect(await store.images.find(digestOf('f'))).toEqual(again);
    expect(await store.images.find(digestOf('e'))).toBeUndefined();
  });

  it('store the contents of the last scan', async () => {
    const image = imageOf('f', await layerOf('leaf', 1));
    const layer = { digest: digestOf('a'), diffId: digestOf('b'), createdBy: 'RUN true', size: 2 ** 40 };
    await store.images.record({ ...image, layers: [layer, layer], baseDigest: null, commands: [] });
    const whole = { ...image, layers: [{ ...layer, size: null }], baseDigest: digestOf('c'), commands: [1, 1] };
    await store.images.record(whole);
    expect(await store.images.whole(digestOf('f'))).toEqual(whole);
    expect(await store.images.whole(digestOf('e'))).toBeUndefined();
  });

  it('are listed by reference, most recently scanned first', async () => {
    for (const [digit, scannedAt] of [
      ['a', 5],
      ['b', 7],
      ['c', 5],
      ['d', 9],
    ] as const) {
      const reference = digit === 'b' ? 'other:1' : 'r:1';
      await store.images.record({ ...NO_CONTENTS, ...imageOf(digit, null), reference, scannedAt });
    }
    const builds = async (limit: number): Promise<unknown> =>
      (await store.images.ofReference('r:1', limit)).map(({ digest }) => digest[7]);
    expect([await builds(9), await builds(1)]).toEqual([['d', 'c', 'a'], ['d']]);
  });

  describe('are found by reference and time', () => {
    const scan = async (digit: string, scannedAt: number, of: Partial<IndexedImage> = {}): Promise<void> =>
      await store.images.record({ ...NO_CONTENTS, ...imageOf(digit, null), scannedAt, ...of });
    const current = async (at: number, reference = 'r:1', platform = 'linux/amd64'): Promise<unknown> =>
      (await store.images.current({ reference, platform, at }))?.digest[7];
    const currents = async (...times: readonly number[]): Promise<unknown> =>
      await Promise.all(times.map(async (at) => await current(at)));

    it('from the first scan after another image, even if scanned again later', async () => {
      for (const [digit, at] of ['a 10', 'a 20', 'b 30', 'a 40', 'b 50', 'b 60'].map((text) => text.split(' '))) {
        await scan(digit ?? '', Number(at));
      }
      expect(await currents(10, 29, 30, 39, 40, 49, 50, 99)).toEqual(['a', 'a', 'b', 'b', 'a', 'a', 'b', 'b']);
      expect(await current(9)).toBeUndefined();
    });

    it('per platform and reference, even if one digest is scanned under another reference', async () => {
      await scan('a', 10);
      await scan('b', 20, { platform: 'linux/arm64' });
      await scan('a', 30, { reference: 'r:2' });
      expect(await currents(15, 25, 35)).toEqual(['a', 'a', 'a']);
      expect([await current(25, 'r:1', 'linux/arm64'), await current(25, 'r:2'), await current(35, 'r:2')]).toEqual([
        'b',
        undefined,
        'a',
      ]);
    });

    it('among the stored images, up to a limit', async () => {
      await scan('a', 1);
      await scan('b', 2);
      await scan('c', 3);
      await store.images.remove(digestOf('b'));
      expect(await currents(1, 2, 3)).toEqual(['a', 'a', 'c']);
      for (let at = 4; at <= MAX_IMAGES_OF_REFERENCE + 3; at += 1) await scan(at % 2 === 0 ? 'a' : 'c', at);
      expect(await currents(3, 4, 5)).toEqual([undefined, 'a', 'c']);
    });
  });

  it('are removed with their contents, and keep their layers', async () => {
    const image = imageOf('f', await layerOf('leaf', 1));
    const layer = { digest: digestOf('a'), diffId: digestOf('b'), createdBy: '', size: 1 };
    await store.images.record({ ...image, ...NO_CONTENTS, layers: [layer] });
    expect([await store.images.remove(digestOf('f')), await store.images.remove(digestOf('f'))]).toEqual([true, false]);
    expect(await store.layers.find('leaf')).toBeDefined();
    await store.images.record({ ...NO_CONTENTS, ...image });
    expect(await store.images.whole(digestOf('f'))).toMatchObject({ layers: [] });
  });

  it('are listed in pages when an older engine analysed their topmost layer', async () => {
    const old = await layerOf('old', 1);
    const images = ['a', 'b', 'c'].map((digit) => imageOf(digit, old));
    for (const image of [...images, imageOf('d', await layerOf('new', 2)), imageOf('e', null)]) {
      await store.images.record({ ...NO_CONTENTS, ...image });
    }
    expect(await store.images.outdated(1, { after: '', limit: 9 })).toEqual([]);
    expect(await store.images.outdated(2, { after: '', limit: 2 })).toEqual(images.slice(0, 2));
    expect(await store.images.outdated(2, { after: digestOf('b'), limit: 2 })).toEqual(images.slice(2));
  });

  it('return which layers are topmost in an image, for any engine version', async () => {
    const [base, middle, top] = [await layerOf('base', 1), await layerOf('middle', 1), await layerOf('top', 1)];
    await layerOf('base', 2);
    for (const image of [imageOf('a', base), imageOf('b', base), imageOf('c', top)])
      await store.images.record({ ...NO_CONTENTS, ...image });
    const among = async (...layers: readonly Layer[]): Promise<unknown> =>
      await store.images.topmostAmong(layers.map(({ name }) => name));
    expect(await among(top, middle, base)).toEqual([
      { layer: 'base', reference: 'r:1' },
      { layer: 'top', reference: 'r:1' },
    ]);
    expect([await among(middle), await among()]).toEqual([[], []]);
  });

  it('count the layers that only an older engine has analysed', async () => {
    await layerOf('both', 1);
    await layerOf('both', 2);
    await layerOf('old', 1);
    expect([await store.layers.countOutdated(1), await store.layers.countOutdated(2)]).toEqual([0, 1]);
  });

  it('return one result for a layer that two engines analysed', async () => {
    const change = { feature: deb('a', '1'), path: '', namespace: 'debian:12', originDepth: 0, change: 1 } as const;
    for (const engineVersion of [1, 2])
      await store.layers.insert({ ...newLayer('both', null, [change]), engineVersion });
    await store.vulnerabilities.update({
      feed: 'debian',
      scheme: 'dpkg',
      fetcherVersion: 1,
      advisories: orderedAdvisories([advisory('CVE-1', { package: 'a' })]),
      etag: null,
      lastModified: null,
      recordDiagnostics: { count: 0, examples: [] },
      at: 1,
    });
    expect(await store.matches.introducingLayers(['CVE-1'], { after: 0, limit: 9 })).toEqual([{ id: 2, name: 'both' }]);
  });
});
