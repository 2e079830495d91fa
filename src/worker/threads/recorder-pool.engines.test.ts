import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOf } from '../../database/testing/packages.ts';
import { ENGINES } from '../../database/testing/stores.ts';
import { openStore, type SharedDatabaseOptions } from '../../database/open-store.ts';
import type { Store } from '../../database/contracts/store.ts';
import type { Layer } from '../../model/layer.ts';
import { type SystemPackage } from '../../model/feature.ts';
import { DETECTORS } from '../detectors/index.ts';
import { packContents } from '../layer/packed-contents.ts';
import { createLayerRecorder, type LayerRecorder, type RecordedLayer } from '../layer-recorder.ts';
import { createRecorderPool } from './recorder-pool.ts';

const SHARED = ENGINES.map(([, options]) => options()).filter(
  (options): options is SharedDatabaseOptions => options.type !== 'memory',
);

const STATUS = 'var/lib/dpkg/status';

function packagesOf(count: number): readonly SystemPackage[] {
  return Array.from({ length: count }, (_, index) => {
    const [name, version] = [`p${index}`, '1'];
    return { type: 'deb', name, version, arch: 'amd64', source: { name, version } };
  });
}

function layerOf(name: string, parent: RecordedLayer['parent'], count: number): RecordedLayer {
  const file = { kind: 'file', path: STATUS, facts: { packages: packagesOf(count), diagnostics: [] } } as const;
  const contents = packContents({ whiteouts: [], opaque: [], entries: [file], outside: 0 });
  return { name, engineVersion: 1, parent, digest: digestOf(name), contents };
}

/** Creates a layer of about 100,000 directories, which are short as JSON and take much memory as a tree. */
function layerOfDirectories(name: string): RecordedLayer {
  const entries = Array.from({ length: 9800 }, (_, at) => {
    const path = Array.from({ length: 10 }, (__, depth) => `${at}-${depth}`).join('/');
    return { kind: 'directory', path } as const;
  });
  const contents = packContents({ whiteouts: [], opaque: [], entries, outside: 0 });
  return { name, engineVersion: 1, parent: null, digest: digestOf(name), contents };
}

/** Returns the stored layer; these layers contain no links, so the recorder stores them immediately. */
function stored(told: Awaited<ReturnType<LayerRecorder['record']>>): Layer {
  if (!('id' in told)) throw new Error('there is nothing to read again');
  return told;
}

/** The number of packages in a layer that takes longer to record than any test. */
const ENDLESS = 150_000;

describe.each(SHARED)('the recorder thread, on $type', (database) => {
  let store: Store;
  let recorder: LayerRecorder;
  beforeAll(async () => {
    store = await openStore(database);
    recorder = createRecorderPool({ database });
  });
  afterAll(async () => {
    await recorder.close();
    await store.close();
  });

  it('stores the same as the recorder of this thread', async () => {
    const other = await openStore({ type: 'memory' });
    const here = createLayerRecorder({ store: other, detectors: DETECTORS });
    for (const [of, by] of [
      [store, recorder],
      [other, here],
    ] as const) {
      const base = stored(await by.record(layerOf('base', null, 3)));
      const top = stored(await by.record(layerOf('top', base, 2)));
      expect(top).toEqual(await of.layers.get(top.id));
      expect(
        (await of.layers.features(top.id)).map(({ feature: { name }, originDepth }) => [name, originDepth]),
      ).toEqual([
        ['p0', 0],
        ['p1', 0],
      ]);
      expect((await of.layers.changes(top.id)).map(({ feature: { name }, change }) => [name, change])).toEqual([
        ['p2', -1],
      ]);
    }
    await other.close();
  });

  it('rejects a missing parent', async () => {
    const lost = { id: 1_000_000, depth: 3 };
    await expect(recorder.record(layerOf('orphan', lost, 1))).rejects.toMatchObject({ code: 'layer/parent-unknown' });
  });

  it('is terminated within a layer, stores nothing of it, and never blocks this thread', async () => {
    const stop = new AbortController();
    const endless = recorder.record(layerOf('endless', null, ENDLESS), stop.signal);
    const waiting = recorder.record(layerOf('next', null, 1));
    let turns = 0;
    const turning = setInterval(() => (turns += 1), 5);
    await expect.poll(() => turns, { timeout: 10_000 }).toBeGreaterThan(40);
    stop.abort(new Error('enough'));
    await expect(endless).rejects.toThrow('enough');
    clearInterval(turning);
    expect(await waiting).toMatchObject({ name: 'next' });
    expect(await store.layers.find('endless')).toBeUndefined();
  });

  it('rejects a layer that takes too much time or memory, and continues with other layers', async () => {
    const hurried = createRecorderPool({ database, maxMilliseconds: 500 });
    const small = createRecorderPool({ database, maxHeapMegabytes: 32 });
    const exceeded = (name: string, limit: string): object => ({
      code: 'bytes/limit-exceeded',
      message: `computing the packages of layer ${name} takes more than ${limit}`,
    });
    try {
      await expect(hurried.record(layerOf('endless', null, ENDLESS))).rejects.toMatchObject(
        exceeded('endless', '0.5 seconds'),
      );
      await expect(small.record(layerOfDirectories('deep'))).rejects.toMatchObject(exceeded('deep', '32 MB of memory'));
      expect(await small.record(layerOf('after', null, 1))).toMatchObject({ name: 'after' });
    } finally {
      await hurried.close();
      await small.close();
    }
  });
});
