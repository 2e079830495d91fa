/** Tests which layers are analysed again when the user's classifiers change. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Store } from '../../../../database/contracts/store.ts';
import { memoryStore } from '../../../../database/testing/memory-store.ts';
import type { Layer } from '../../../../model/layer.ts';
import { detectorsWith } from '../../index.ts';
import { elfFile } from '../executables/testing/elf-file.ts';
import type { Classifier } from './classifier.ts';
import { createLayerReader } from '../../../layer/layer-reader.ts';
import { file, layeredImage } from '../../../testing/layered-image.ts';
import { createLocalWorker } from '../../../testing/local-worker.ts';

let store: Store;
beforeEach(async () => {
  store = await memoryStore();
});
afterEach(async () => await store.close());

const ACME: Classifier = { name: 'acme', files: ['acme'], expressions: ['Acme {version}\\0'] };
const OTHER: Classifier = { ...ACME, name: 'other' };
const program = elfFile([{ name: '.rodata', content: Buffer.from('\0Acme 1.2\0') }]);
const image = layeredImage([file('etc/x', 'x')], [file('opt/acme', program)]);

/** Creates an instance on the store; `analyze` returns the programs of the image and how many layers were read. */
function instance(...classifiers: readonly Classifier[]) {
  const detectors = detectorsWith(classifiers);
  const plain = createLayerReader(detectors);
  let reads = 0;
  const reader: typeof plain = {
    ...plain,
    async read(...args) {
      reads += 1;
      return await plain.read(...args);
    },
  };
  const worker = createLocalWorker({ store, detectors, reader });
  return {
    worker,
    async analyze(): Promise<string> {
      reads = 0;
      const layers = await worker.analyzeImage(image);
      return `${await programsOf(layers.at(-1))}, ${reads} layers read`;
    },
  };
}

async function programsOf(layer: Layer | undefined): Promise<string> {
  const installed = await store.layers.features(layer?.id ?? 0);
  return installed.map(({ feature }) => `${feature.name} ${feature.version}`).join() || 'none';
}

it('layers are analysed once for each set of classifiers', async () => {
  const [none, acme, other] = [instance(), instance(ACME), instance(OTHER)];
  expect(await none.analyze()).toBe('none, 2 layers read');
  expect(await acme.analyze()).toBe('acme 1.2, 2 layers read');
  expect(await other.analyze()).toBe('other 1.2, 2 layers read');
  for (let round = 0; round < 2; round += 1) {
    expect(await none.analyze()).toBe('none, 0 layers read');
    expect(await acme.analyze()).toBe('acme 1.2, 0 layers read');
    expect(await other.analyze()).toBe('other 1.2, 0 layers read');
  }
});

it('an image has the engine version of its last analysis, and is outdated for instances with other classifiers', async () => {
  const [none, acme] = [instance(), instance(ACME)];
  const outdated = async () =>
    await Promise.all(
      [none, acme].map(async ({ worker }) => {
        return (await store.images.outdated(worker.engineVersion, { after: '', limit: 9 })).length;
      }),
    );
  await acme.analyze();
  expect(await outdated()).toEqual([1, 0]);
  await none.analyze();
  expect(await outdated()).toEqual([0, 1]);
  await acme.analyze();
  expect(await outdated()).toEqual([1, 0]);
});

it('equal classifiers have the same engine version, and other classifiers have another version', () => {
  const version = (...own: readonly Classifier[]): number => instance(...own).worker.engineVersion;
  expect(version(ACME)).toBe(version({ ...ACME }));
  expect(new Set([version(), version(ACME), version(OTHER), version(ACME, OTHER)]).size).toBe(4);
});
