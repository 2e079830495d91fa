import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inChunks, type Member, tarOf } from '../bytes/testing/tar-builder.ts';
import type { Store } from '../database/contracts/store.ts';
import { memoryStore } from '../database/testing/memory-store.ts';
import type { Layer } from '../model/layer.ts';
import { goPrograms } from './detectors/libraries/golang/detector.ts';
import { inlineInformation, linesOf } from './detectors/libraries/golang/testing/build-information.ts';
import { functionTable } from './detectors/libraries/golang/testing/function-table.ts';
import { elfFile } from './detectors/libraries/executables/testing/elf-file.ts';
import { readLayer } from './layer/layer-reader.ts';
import type { LayerLimits } from './layer/limits.ts';
import { packContents } from './layer/packed-contents.ts';
import { createLayerRecorder } from './layer-recorder.ts';

const DETECTORS = [goPrograms];

function program(...symbols: readonly string[]): Buffer {
  const names = ['runtime.main', ...symbols.map((symbol) => `example.org/one.${symbol}`)];
  const lines = linesOf('path example.com/app', 'dep example.org/one v1.0.0 h1:x=');
  return elfFile([
    { name: '.gopclntab', content: functionTable(names) },
    { name: '.go.buildinfo', content: inlineInformation('go1.24.4', lines) },
  ]);
}

function file(name: string, ...symbols: readonly string[]): Member {
  return { name, content: program(...symbols) };
}

describe('the programs at a layer', () => {
  let store: Store;
  beforeEach(async () => {
    store = await memoryStore();
  });
  afterEach(async () => {
    await store.close();
  });

  /**
   * Records layers. Returns for each layer the paths of its programs, and which of the functions A, B and C each
   * program contains.
   */
  async function programsAt(
    layers: readonly (readonly Member[])[],
    { limits = {}, isFresh = false }: { readonly limits?: Partial<LayerLimits>; readonly isFresh?: boolean } = {},
  ): Promise<readonly (readonly string[])[]> {
    let recorder = createLayerRecorder({ store, detectors: DETECTORS });
    let parent: Layer | null = null;
    const found: (readonly string[])[] = [];
    for (const [index, members] of layers.entries()) {
      if (isFresh) recorder = createLayerRecorder({ store, detectors: DETECTORS });
      const source = { where: 'layer.tar', open: async () => inChunks(tarOf(...members)) };
      const { diffId, contents } = await readLayer(source, DETECTORS, { limits });
      const layer = {
        name: `layer-${index}`,
        engineVersion: 1,
        parent,
        digest: diffId,
        contents: packContents(contents),
      };
      const recorded = await recorder.record(layer);
      if (!('id' in recorded)) throw new Error('something is unread');
      parent = recorded;
      const programs = [...(await store.layers.programs(recorded.id))].map(([path, { hasSymbol, unknown = '' }]) => {
        return `${path} ${['A', 'B', 'C'].filter((each) => hasSymbol('example.org/one', each)).join('')}${unknown}`;
      });
      found.push(programs.toSorted());
    }
    return found;
  }

  const LAYERS = [
    [file('usr/bin/x', 'A'), file('usr/bin/y', 'B')],
    [{ name: 'etc/other', content: '' }],
    [file('usr/bin/x', 'C')],
    [{ name: 'usr/bin/.wh.x', content: '' }],
    [{ name: 'usr/bin/y', content: 'no program' }],
    [file('usr/bin/x', 'A')],
  ];

  it.each([false, true])('are the programs in its files; with a new recorder for each layer: %s', async (isFresh) => {
    expect(await programsAt(LAYERS, { isFresh })).toEqual([
      ['usr/bin/x A', 'usr/bin/y B'],
      ['usr/bin/x A', 'usr/bin/y B'],
      ['usr/bin/x C', 'usr/bin/y B'],
      ['usr/bin/y B'],
      [],
      ['usr/bin/x A'],
    ]);
    expect((await store.sizes.tables()).find(({ table }) => table === 'program')?.rows).toBe(3);
  });

  it('include hard links', async () => {
    const link: Member = { name: 'usr/bin/z', type: '1', link: 'usr/bin/x' };
    expect(await programsAt([[file('usr/bin/x', 'A'), link]])).toEqual([['usr/bin/x A', 'usr/bin/z A']]);
  });

  it('include hard links to programs of the layers below', async () => {
    const layers: readonly (readonly Member[])[] = [
      [file('usr/bin/x', 'A')],
      [{ name: 'opt/a', type: '1', link: 'usr/bin/x' }],
      [
        { name: 'opt/b', type: '1', link: 'opt/a' },
        { name: 'opt/c', type: '1', link: 'opt/b' },
      ],
      [
        { name: 'usr/bin/.wh.x', content: '' },
        { name: 'opt/d', type: '1', link: 'usr/bin/x' },
      ],
      // The links replace the file, and the target may be another file of the layer.
      [
        { name: 'etc/other', content: 'text' },
        { name: 'opt/a', type: '1', link: 'etc/other' },
      ],
      [
        { name: 'opt/b', content: 'text' },
        { name: 'opt/c', type: '1', link: 'opt/b' },
        { name: 'opt/e', type: '1', link: 'opt/d' },
        { name: 'opt/f', type: '1', link: 'opt/e' },
        { name: 'opt/g', type: '1', link: 'etc/other' },
      ],
    ];
    for (const isFresh of [false, true]) {
      expect(await programsAt(layers, { isFresh })).toEqual([
        ['usr/bin/x A'],
        ['opt/a A', 'usr/bin/x A'],
        ['opt/a A', 'opt/b A', 'opt/c A', 'usr/bin/x A'],
        ['opt/a A', 'opt/b A', 'opt/c A', 'opt/d A'],
        ['opt/b A', 'opt/c A', 'opt/d A'],
        ['opt/d A', 'opt/e A', 'opt/f A'],
      ]);
    }
  });

  it('of a directory are gone when a link replaces the directory', async () => {
    const link: Member = { name: 'opt/app', type: '2', link: '/srv/app' };
    expect(await programsAt([[file('opt/app/x', 'A'), file('srv/app/y', 'B')], [link]])).toEqual([
      ['opt/app/x A', 'srv/app/y B'],
      ['srv/app/y B'],
    ]);
  });

  it('have unknown functions beyond the limit of the layer', async () => {
    const limits = { maxFunctionCharacters: 200 };
    expect(await programsAt([[file('a', 'A'), file('b', 'B'), file('c', 'C')]], { limits })).toEqual([
      ['a A', 'b B', 'c the functions of the programs in the layer exceed 200 characters'],
    ]);
  });
});
