import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noise } from '../../bytes/testing/noise.ts';
import { type Member, tarOf } from '../../bytes/testing/tar-builder.ts';
import type { Store } from '../../database/contracts/store.ts';
import { memoryStore } from '../../database/testing/memory-store.ts';
import type { Layer } from '../../model/layer.ts';
import { DETECTORS } from '../detectors/index.ts';
import type { ImageLayer } from '../sources/image-source.ts';
import { createLayerReader } from '../layer/layer-reader.ts';
import { createLocalWorker } from '../testing/local-worker.ts';
import type { AnalyzedImage } from '../worker.ts';
import type { LayerParts } from './read-parts.ts';
import { type PartsSource, partsSource } from './testing/parts-source.ts';
import { stargz, type StargzOptions } from './testing/stargz.ts';
import { type Forgery, zstdChunked } from './testing/zstd-chunked.ts';

let store: Store;

beforeEach(async () => {
  store = await memoryStore();
});
afterEach(async () => {
  await store.close();
});

const MODEL: Member = { name: 'models/weights.bin', content: noise(1.5 * 1024 * 1024) };
const status = (name: string): Member => {
  return {
    name: 'var/lib/dpkg/status',
    content: `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n`,
  };
};

/** A layer, and the number of times that its bytes were opened. */
type Counted = { readonly layer: ImageLayer; readonly source: PartsSource; opened: number };

function layerOf(name: string, forgery?: Forgery): Counted {
  const tar = tarOf(MODEL, status(name));
  return countedLayer(partsSource(zstdChunked(tar, forgery), tar));
}

function stargzLayer(name: string, options?: StargzOptions): Counted {
  const layer = stargz(tarOf(MODEL, status(name)), options);
  return countedLayer(partsSource(layer, layer.tar, 'any'));
}

function countedLayer(source: PartsSource): Counted {
  const counted: Counted = {
    source,
    opened: 0,
    layer: {
      digest: source.digest!,
      diffId: source.diffId!,
      createdBy: '',
      source: {
        ...source,
        async open(signal) {
          counted.opened += 1;
          return await source.open(signal);
        },
      },
    },
  };
  return counted;
}

/** Analyses an image, and returns its topmost layer. */
async function analyse(layers: readonly Counted[], isInParts = true, isVerified = false): Promise<Layer> {
  const worker = createLocalWorker({ store, detectors: DETECTORS });
  const digest = layers[0]!.layer.digest;
  const without = ({ layer: { source, ...layer } }: Counted): ImageLayer => {
    const { parts: _, ...whole } = source;
    return { ...layer, source: isInParts ? source : whole };
  };
  const image = { reference: 'app', target: 'app', digest, platform: 'linux/amd64', layers: layers.map(without) };
  return (await worker.analyzeImage({ ...image, isVerified })).at(-1)!;
}

async function packagesOf({ id }: Layer): Promise<readonly string[]> {
  return (await store.layers.features(id)).map(({ feature }) => feature.name);
}

const told = ({ diagnostics }: Layer): readonly string[] =>
  diagnostics.filter(({ code }) => code.startsWith('layer-')).map(({ code, message }) => `${code}: ${message}`);

const WRONG: Forgery = { entries: (all) => all.slice(0, -1) };

describe('an image with zstd:chunked layers', () => {
  it('is read in part, and stored separately from the whole layers', async () => {
    const layers = [layerOf('a'), layerOf('b')];
    const leaf = await analyse(layers);
    expect(await packagesOf(leaf)).toEqual(['b']);
    expect(told(leaf)).toEqual([
      expect.stringMatching(/^layer-read-in-part: 2 layers were read in part: 0.\d\d of 3.\d\d MB$/),
    ]);
    expect(layers.map(({ opened }) => opened)).toEqual([0, 0]);
    const requests = layers[0]!.source.requested.length;
    expect((await analyse(layers)).id).toBe(leaf.id);
    expect(layers[0]!.source.requested).toHaveLength(requests);
    const whole = await analyse(layers, false);
    expect([await packagesOf(whole), told(whole)]).toEqual([['b'], []]);
    expect(layers.map(({ opened }) => opened)).toEqual([1, 1]);
    // Layers that are stored as a whole are not read in part.
    expect((await analyse(layers)).id).toBe(whole.id);
  });

  it('is read as a whole where the table of contents is wrong, which stores the layer as usual', async () => {
    const layers = [layerOf('a'), layerOf('b', WRONG), layerOf('c', WRONG)];
    const leaf = await analyse(layers);
    expect(await packagesOf(leaf)).toEqual(['c']);
    expect(told(leaf)).toEqual([
      expect.stringMatching(/^layer-read-in-part: 1 layer was/),
      expect.stringMatching(
        /^layer-parts-refused: layers 1, 2 were read as a whole: the table of contents and the tar-split differ/,
      ),
    ]);
    const whole = await analyse(layers, false);
    expect([await packagesOf(whole), told(whole)]).toEqual([['c'], []]);
    expect(layers.map(({ opened }) => opened)).toEqual([1, 1, 1]);
  });
});

describe('an image with an attached SOCI index', () => {
  function sociImage(): { readonly layers: readonly Counted[]; readonly searches: () => number } {
    const counted = layerOf('a');
    const { parts, anchor: _, ...source } = counted.layer.source;
    let searches = 0;
    const findParts = async (): Promise<LayerParts> => {
      searches += 1;
      return { ...parts!, anchor: { format: 'unusable', reason: 'SOCI' } };
    };
    const layer = { ...counted.layer, source: { ...source, findParts } };
    return { layers: [{ ...counted, layer }], searches: () => searches };
  }

  it('is read as a whole, with the reason, and then looks for the index no more', async () => {
    const { layers, searches } = sociImage();
    const leaf = await analyse(layers);
    expect([await packagesOf(leaf), told(leaf), searches()]).toEqual([
      ['a'],
      ['layer-parts-refused: layer 0 was read as a whole: SOCI'],
      1,
    ]);
    expect([told(await analyse(layers)), searches()]).toEqual([[], 1]);
  });

  it('is verified without a search for the index', async () => {
    const { layers, searches } = sociImage();
    expect([told(await analyse(layers, true, true)), searches()]).toEqual([[], 0]);
  });
});

describe('an image that was read in part before', () => {
  const whole = ({ layer }: Counted): ImageLayer => {
    const { parts: _, ...source } = layer.source;
    return { ...layer, source };
  };
  const imageOf = (layers: readonly ImageLayer[]): AnalyzedImage => {
    const { digest } = layers[0]!;
    return { reference: 'app', target: 'app', digest, platform: 'linux/amd64', layers };
  };

  it('is read as a whole several layers at a time, after the first progress', async () => {
    const layers = [layerOf('a'), layerOf('b')];
    await analyse(layers);
    let open = 0;
    const waiting = layers.map(whole).map((layer) => ({
      ...layer,
      source: {
        ...layer.source,
        async open() {
          open += 1;
          await expect.poll(() => open).toBe(2);
          return await layer.source.open();
        },
      },
    }));
    const opened: number[] = [];
    const reader = { ...createLayerReader(DETECTORS), ahead: 2 };
    const worker = createLocalWorker({ store, detectors: DETECTORS, reader });
    await worker.analyzeImage(imageOf(waiting), undefined, async () => void opened.push(open));
    expect(opened).toEqual([0, 2, 2]);
  });

  it('is read once for verification', async () => {
    const layers = [layerOf('a')];
    await analyse(layers);
    await analyse(layers, true, true);
    expect(layers.map(({ opened }) => opened)).toEqual([1]);
  });

  it('does not open a layer that is absent now', async () => {
    const layers = [layerOf('a'), layerOf('b')];
    await analyse(layers);
    const given = layers.map(whole).map((layer) => ({ ...layer, absent: 'the layer is foreign' }));
    const leaf = (await createLocalWorker({ store, detectors: DETECTORS }).analyzeImage(imageOf(given))).at(-1)!;
    expect([await packagesOf(leaf), layers.map(({ opened }) => opened)]).toEqual([[], [0, 0]]);
  });
});

describe('an image with eStargz layers', () => {
  it('is read in part and incomplete, until the whole layers are read', async () => {
    const layers = [layerOf('a'), stargzLayer('b'), stargzLayer('c')];
    const leaf = await analyse(layers);
    expect(await packagesOf(leaf)).toEqual(['c']);
    expect(told(leaf)).toEqual([
      expect.stringMatching(/^layer-read-in-part: 3 layers were read in part: \d.\d\d of 4.\d\d MB$/),
      'layer-parts-unproven: nothing proves that the table of contents lists all files of layers 1, 2: ' +
        'scan without partial fetch',
    ]);
    expect(layers.map(({ opened }) => opened)).toEqual([0, 0, 0]);
    const whole = await analyse(layers, false);
    expect([await packagesOf(whole), told(whole)]).toEqual([['c'], []]);
    // Layers that are stored as a whole are not read in part.
    const requests = layers.map(({ source }) => source.requested.length);
    expect((await analyse(layers)).id).toBe(whole.id);
    expect(layers.map(({ source }) => source.requested.length)).toEqual(requests);
  });

  it('is complete where a layer is read as a whole after all', async () => {
    const leaf = await analyse([stargzLayer('a', { fields: (all) => ({ ...all, version: 2 }) })]);
    expect([await packagesOf(leaf), told(leaf)]).toEqual([
      ['a'],
      ['layer-parts-refused: layer 0 was read as a whole: the table of contents does not have version 1'],
    ]);
  });
});

describe('an image whose table of contents hides the package database of a layer', () => {
  const hidden = { 'var/lib/dpkg/status': Buffer.from(String(status('b').content)) };
  const DIFFERS =
    'layer-views-differ: the table of contents shows other packages or files than layer 0, which may be an attack';

  it.each<[string, () => Counted, () => Counted]>([
    ['zstd:chunked', () => layerOf('a', { hidden }), () => layerOf('a')],
    ['eStargz', () => stargzLayer('a', { hidden, format: 'zstd' }), () => layerOf('a')],
  ])(
    'has other packages until the whole layer is read, which reports the difference (%s)',
    async (_, forged, honest) => {
      const layers = [forged()];
      const part = await analyse(layers);
      expect([await packagesOf(part), told(part)[0]]).toEqual([['b'], expect.stringMatching(/^layer-read-in-part/)]);
      const whole = await analyse(layers, false);
      expect([await packagesOf(whole), told(whole)]).toEqual([['a'], [DIFFERS]]);
      expect(layers.map(({ opened }) => opened)).toEqual([1]);
      // The difference is reported again, without reading the layer again.
      expect([(await analyse(layers)).id, (await analyse(layers, false)).id]).toEqual([whole.id, whole.id]);
      expect(layers.map(({ opened }) => opened)).toEqual([1]);
      // Housekeeping removes the contents that no layer uses, but not the difference.
      const bound = store.now() + 10 * 86_400_000;
      const removed = await store.retention.apply(await store.retention.plan({ layers: bound }));
      expect(removed.layer_contents).toBe(2);
      expect((await analyse(layers)).id).toBe(whole.id);
      expect(layers.map(({ opened }) => opened)).toEqual([1]);
      // Verification reads the layer again.
      expect((await analyse(layers, false, true)).id).toBe(whole.id);
      expect(layers.map(({ opened }) => opened)).toEqual([2]);
      // Another image, even with the same tar, has no such difference.
      const other = await analyse([honest()], false);
      expect([await packagesOf(other), told(other)]).toEqual([['a'], []]);
    },
  );

  it('has no reported difference if the layer was never read in part', async () => {
    const whole = await analyse([layerOf('a', { hidden })], false);
    expect([await packagesOf(whole), told(whole)]).toEqual([['a'], []]);
  });
});
