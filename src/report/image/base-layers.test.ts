import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../../database/testing/packages.ts';
import { newLayer, NO_CONTENTS } from '../../database/testing/stores.ts';
import { memoryStore } from '../../database/testing/memory-store.ts';
import type { Store } from '../../database/contracts/store.ts';
import type { Layer } from '../../model/layer.ts';
import { type BaseEvidence, layerOrigins } from './base-layers.ts';

let store: Store;
let layers: Layer[];
beforeEach(async () => {
  store = await memoryStore();
  layers = [];
  for (const name of ['first', 'second', 'third', 'fourth']) {
    layers.push(await store.layers.insert(newLayer(name, layers.at(-1) ?? null, [])));
  }
});
afterEach(() => store.close());

/** Stores an image that consists of the lowest `count` layers. */
async function know(digit: string, count: number, reference = 'base:1'): Promise<void> {
  const image = { digest: digestOf(digit), reference, target: 't', platform: 'linux/amd64', scannedAt: 1 };
  await store.images.record({ ...NO_CONTENTS, ...image, leaf: layers[count - 1]?.id ?? null });
}

async function origins(evidence: Partial<BaseEvidence> = {}, stated?: number): Promise<string> {
  const image = { reference: 'app:2', layers: layers.map(() => ({ createdBy: 'RUN x' })), ...evidence };
  return (await layerOrigins(store, image, layers, stated)).map((origin) => origin[0]).join('');
}

const ROOT = 'ADD rootfs.tar.xz / # buildkit';
const historyOf = (...createdBy: readonly string[]): Pick<BaseEvidence, 'layers'> => ({
  layers: createdBy.map((each) => ({ createdBy: each })),
});

describe('the base layers', () => {
  it('follow the statement of the user', async () => {
    await know('a', 1);
    expect([await origins({}, 2), await origins({}, 0), await origins({}, 4)]).toEqual(['bboo', 'oooo', 'bbbb']);
  });

  it('are the layers of the base that the image names, if indexed', async () => {
    await know('a', 1);
    await know('b', 3);
    expect(await origins({ baseDigest: digestOf('a') })).toBe('booo');
    expect(await origins({ baseDigest: digestOf('c') })).toBe('bbbo');
  });

  it('are the layers of the indexed image with the most layers, but not all', async () => {
    await know('a', 1);
    await know('b', 2);
    await know('c', 4);
    expect(await origins()).toBe('bboo');
  });

  it('are not the layers of an earlier build in the same repository', async () => {
    await know('a', 1);
    await know('b', 2, 'app:1');
    expect(await origins()).toBe('booo');
    await know('c', 2, 'middle:1');
    expect(await origins()).toBe('bboo');
  });

  it('may be more than the layers of an indexed image if a command follows above', async () => {
    await know('a', 1);
    expect(await origins({ commands: [1, 4] })).toBe('booo');
    expect(await origins({ commands: [1, 3] })).toBe('buuu');
  });

  it.each<[string, string, Partial<BaseEvidence>]>([
    ['are unknown without evidence', 'uuuu', {}],
    ['are the root file system with its command', 'buuu', { ...historyOf(ROOT, '', '', ''), commands: [1, 4] }],
    [
      'are the same for the classic builder',
      'buuu',
      { ...historyOf('/bin/sh -c #(nop) ADD file:1 in / ', '', '', ''), commands: [1] },
    ],
    ['are unknown without a root file system', 'uuuu', { ...historyOf('COPY a /b', '', '', ''), commands: [1] }],
    ['are unknown if the command comes later', 'uuuu', { ...historyOf(ROOT, '', '', ''), commands: [2] }],
    ['are unknown if the image has one layer', 'u', { ...historyOf(ROOT), commands: [1] }],
  ])('%s', async (_, expected, evidence) => {
    expect(await origins(evidence)).toBe(expected);
  });
});
