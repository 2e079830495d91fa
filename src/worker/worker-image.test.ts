import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildLayer } from './testing/image-builder.ts';
import type { ByteStream } from '../bytes/byte-stream.ts';
import { memoryStore } from '../database/testing/memory-store.ts';
import type { Store } from '../database/contracts/store.ts';
import { type Digest, digestOfHex } from '../model/digest.ts';
import type { LayerProgress } from '../model/layer-progress.ts';
import { DETECTORS } from './detectors/index.ts';
import { createLayerReader, type LayerReader } from './layer/layer-reader.ts';
import type { ImageLayer, ImageSource } from './sources/image-source.ts';
import { createLocalWorker } from './testing/local-worker.ts';

let store: Store;

beforeEach(async () => {
  store = await memoryStore();
});

afterEach(async () => {
  await store.close();
});

const RELEASE = { 'etc/os-release': 'ID=debian\nVERSION_ID=12\n' };

function status(version: string): Readonly<Record<string, string>> {
  return {
    'var/lib/dpkg/status': `Package: a\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version}\n`,
  };
}

function sha256(bytes: string | Uint8Array): Digest {
  return digestOfHex(createHash('sha256').update(bytes).digest('hex'));
}

function layerOf(tar: Buffer, milliseconds: number, events: string[]): ImageLayer {
  const diffId = sha256(tar);
  async function* slowly(): ByteStream & AsyncGenerator<Uint8Array> {
    await setTimeout(milliseconds);
    yield tar;
    events.push(`end ${milliseconds}`);
  }
  const open = async (): Promise<ByteStream> => {
    events.push(`begin ${milliseconds}`);
    return slowly();
  };
  return { source: { where: diffId, diffId, open }, digest: diffId, diffId, createdBy: '' };
}

function imageOf(layers: readonly ImageLayer[]): ImageSource {
  const digest = sha256(layers.map(({ diffId }) => diffId).join());
  const named = { reference: 'test', target: 'oci:/test', digest };
  return { kind: 'oci', ...named, platform: 'linux/amd64', layers, close: async () => {} };
}

function readerAhead(ahead: number): LayerReader {
  return { ...createLayerReader(DETECTORS), ahead };
}

describe('the layers of an image', () => {
  it('are reported as they are stored, with the number of known layers', async () => {
    const worker = createLocalWorker({ store, detectors: DETECTORS, reader: readerAhead(3) });
    const [base, ...above] = await Promise.all([RELEASE, status('1'), status('2')].map(buildLayer));
    const layersOf = (...tars: Buffer[]): ImageLayer[] => tars.map((tar) => layerOf(tar, 1, []));
    const told: string[] = [];
    const progress = async ({ total, done, known }: LayerProgress): Promise<void> =>
      void told.push(`${done}/${total} ${known}`);
    await worker.analyzeImage(imageOf(layersOf(base!)), undefined, progress);
    await worker.analyzeImage(imageOf(layersOf(base!, ...above)), undefined, progress);
    expect(told).toEqual(['0/1 0', '1/1 0', '0/3 0', '1/3 1', '2/3 1', '3/3 1']);
  });

  it('are read concurrently but stored in order', async () => {
    const events: string[] = [];
    const tars = await Promise.all([RELEASE, status('1'), status('2')].map(buildLayer));
    const worker = createLocalWorker({ store, detectors: DETECTORS, reader: readerAhead(3) });
    const layers = await worker.analyzeImage(
      imageOf(tars.map((tar, index) => layerOf(tar, [60, 30, 1][index]!, events))),
    );
    expect(events).toEqual(['begin 60', 'begin 30', 'begin 1', 'end 1', 'end 30', 'end 60']);
    expect(layers.map(({ depth, parent }) => [depth, parent])).toEqual([
      [0, null],
      [1, layers[0]!.id],
      [2, layers[1]!.id],
    ]);
    const [installed] = await store.layers.features(layers[2]!.id);
    expect(installed).toMatchObject({ feature: { version: '2' }, originDepth: 2 });
  });

  it('are read once each, even if repeated', async () => {
    const events: string[] = [];
    const tar = await buildLayer(RELEASE);
    const worker = createLocalWorker({ store, detectors: DETECTORS, reader: readerAhead(4) });
    const layers = await worker.analyzeImage(imageOf([layerOf(tar, 1, events), layerOf(tar, 1, events)]));
    expect(layers.map(({ depth }) => depth)).toEqual([0, 1]);
    expect(events).toEqual(['begin 1', 'end 1']);
  });

  it('that are absent cause diagnostics at and above their place, and differ from present layers', async () => {
    const events: string[] = [];
    const [base, middle, top] = await Promise.all(
      [{ ...RELEASE, ...status('1') }, status('2'), { hello: 'world' }].map(buildLayer),
    );
    const worker = createLocalWorker({ store, detectors: DETECTORS });
    const whole = [base!, middle!, top!].map((tar) => layerOf(tar, 1, events));
    const absent = imageOf(
      whole.map((layer, index) => (index === 1 ? { ...layer, absent: 'layer 1 is foreign' } : layer)),
    );
    const layers = await worker.analyzeImage(absent);
    const diagnostic = { code: 'layer-absent', message: 'layer 1 is foreign', where: 'layers' };
    expect(layers.map(({ diagnostics }) => diagnostics)).toEqual([[], [diagnostic], [diagnostic]]);
    expect(events).toEqual(['begin 1', 'end 1', 'begin 1', 'end 1']);
    expect(await worker.analyzeImage(absent)).toEqual(layers);

    const complete = await worker.analyzeImage(imageOf(whole));
    expect(complete.map(({ diagnostics }) => diagnostics)).toEqual([[], [], []]);
    expect(complete[0]).toEqual(layers[0]);
    const [installed] = await store.layers.features(complete[2]!.id);
    expect(installed).toMatchObject({ feature: { version: '2' }, originDepth: 1 });
  });
});
