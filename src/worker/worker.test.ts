import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildLayer, type LayerMembers } from './testing/image-builder.ts';
import { digestOf } from '../database/testing/packages.ts';
import type { ByteStream } from '../bytes/byte-stream.ts';
import { memoryStore } from '../database/testing/memory-store.ts';
import type { Store } from '../database/contracts/store.ts';
import { ClairError } from '../errors.ts';
import { type Digest, digestOfHex } from '../model/digest.ts';
import type { Layer } from '../model/layer.ts';
import type { Detector } from './detectors/detector.ts';
import { DETECTORS } from './detectors/index.ts';
import { exactPaths } from './detectors/path-pattern.ts';
import { createLayerReader } from './layer/layer-reader.ts';
import { chainIds } from './sources/image/chain-id.ts';
import type { ImageSource } from './sources/image-source.ts';
import type { LayerSource } from './sources/layer-source.ts';
import { createLocalWorker } from './testing/local-worker.ts';
import type { Worker } from './worker.ts';

let store: Store;
let worker: Worker;
let opened: string[];

beforeEach(async () => {
  store = await memoryStore();
  worker = createLocalWorker({ store, detectors: DETECTORS });
  opened = [];
});

afterEach(async () => {
  await store.close();
});

const STATUS = 'var/lib/dpkg/status';
const DEBIAN_11 = { 'etc/os-release': 'ID=debian\nVERSION_ID=11\n' };
const DEBIAN_12 = { 'etc/os-release': 'ID=debian\nVERSION_ID=12\n' };

function status(...packages: readonly string[]): LayerMembers {
  const stanzas = packages.map((each) => {
    const [name, version] = each.split('=');
    return `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version}\n`;
  });
  return { [STATUS]: stanzas.join('\n') };
}

function sha256(bytes: Uint8Array): Digest {
  return digestOfHex(createHash('sha256').update(bytes).digest('hex'));
}

async function* chunked(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000);
}

function sourceOf(where: string, bytes: Uint8Array, promised: Partial<LayerSource> = {}): LayerSource {
  return {
    where,
    open: async () => {
      opened.push(where);
      return chunked(bytes);
    },
    ...promised,
  };
}

function imageOf(tars: readonly Buffer[], sources: Readonly<Record<number, Partial<LayerSource>>> = {}): ImageSource {
  return {
    kind: 'oci',
    reference: 'test:1',
    target: 'oci:/images:test',
    digest: sha256(Buffer.concat(tars)),
    platform: 'linux/amd64',
    layers: tars.map((tar, index) => {
      const [bytes, diffId] = [gzipSync(tar), sha256(tar)];
      const source = sourceOf(`${index}`, bytes, { digest: sha256(bytes), diffId, ...sources[index] });
      return { source, digest: sha256(bytes), diffId, createdBy: '' };
    }),
    close: async () => {},
  };
}

async function analyze(name: string, parent: Layer | null, members: LayerMembers): Promise<Layer> {
  return await worker.analyzeLayer({ name, parent, source: sourceOf(name, await buildLayer(members)) });
}

/** Returns the features at a layer, as `namespace name=version @origin`. */
async function packagesAt(layer: Layer | undefined): Promise<readonly string[]> {
  const packages = await store.layers.features(layer!.id);
  return packages.map((each) => `${each.namespace} ${each.feature.name}=${each.feature.version} @${each.originDepth}`);
}

/** Returns the changes of a layer, as `+name=version`. */
async function changesOf(layer: Layer | undefined): Promise<readonly string[]> {
  const changes = await store.layers.changes(layer!.id);
  return changes.map(({ change, feature: of }) => `${change === 1 ? '+' : '-'}${of.name}=${of.version}`).toSorted();
}

describe('a layer', () => {
  it('is stored with its contents', async () => {
    const tar = await buildLayer({ ...DEBIAN_12, ...status('a=1', 'b=2') });
    const layer = await worker.analyzeLayer({ name: 'base', parent: null, source: sourceOf('base', gzipSync(tar)) });
    expect(layer).toEqual(await store.layers.find('base'));
    expect(layer).toMatchObject({
      name: 'base',
      engineVersion: worker.engineVersion,
      digest: sha256(tar),
      parent: null,
      depth: 0,
      distribution: { namespace: 'debian:12' },
      diagnostics: [],
    });
    expect(await packagesAt(layer)).toEqual(['debian:12 a=1 @0', 'debian:12 b=2 @0']);
  });

  it('is applied to its parent and stored as a difference', async () => {
    const base = await analyze('base', null, { ...DEBIAN_12, ...status('a=1', 'b=1', 'c=1') });
    const top = await analyze('top', base, status('a=2', 'b=1', 'd=1'));
    expect(top).toMatchObject({ parent: base.id, depth: 1, distribution: { namespace: 'debian:12' } });
    expect(await packagesAt(top)).toEqual(['debian:12 a=2 @1', 'debian:12 b=1 @0', 'debian:12 d=1 @1']);
    expect(await changesOf(top)).toEqual(['+a=2', '+d=1', '-a=1', '-c=1']);
  });

  it('may remove the package database, with a diagnostic', async () => {
    const base = await analyze('base', null, { ...DEBIAN_12, ...status('a=1') });
    const top = await analyze('top', base, { 'var/lib/dpkg/.wh.status': '' });
    expect(top.diagnostics.map(({ code }) => code)).toEqual(['package-database-removed']);
    expect(await changesOf(top)).toEqual(['-a=1']);
  });

  it('may add a package again, with its own depth as origin', async () => {
    const base = await analyze('base', null, { ...DEBIAN_12, ...status('a=1', 'b=1') });
    const middle = await analyze('middle', base, status('b=1'));
    const top = await analyze('top', middle, status('a=1', 'b=1'));
    expect(await packagesAt(top)).toEqual(['debian:12 a=1 @2', 'debian:12 b=1 @0']);
  });

  it.each<[string, () => Promise<Uint8Array>]>([
    ['of no bytes', async () => Buffer.alloc(0)],
    ['without members', async () => await buildLayer({})],
    ['without wanted files', async () => await buildLayer({ 'usr/bin/which': 'x' })],
  ])('%s changes nothing', async (_, build) => {
    const base = await analyze('base', null, { ...DEBIAN_12, ...status('a=1') });
    const top = await worker.analyzeLayer({ name: 'top', parent: base, source: sourceOf('top', await build()) });
    expect(top).toMatchObject({ distribution: base.distribution, diagnostics: [] });
    expect(await packagesAt(top)).toEqual(await packagesAt(base));
    expect(await changesOf(top)).toEqual([]);
  });
});

describe('a distribution upgrade inside an image', () => {
  it('moves all packages to the new release and keeps their origin layers', async () => {
    const base = await analyze('base', null, { ...DEBIAN_11, ...status('a=1', 'b=1') });
    const top = await analyze('top', base, { ...DEBIAN_12, ...status('a=2', 'b=1') });
    expect(await packagesAt(base)).toEqual(['debian:11 a=1 @0', 'debian:11 b=1 @0']);
    expect(await packagesAt(top)).toEqual(['debian:12 a=2 @1', 'debian:12 b=1 @0']);
    // Remaining packages are not reported as changed.
    expect(await changesOf(top)).toEqual(['+a=2', '-a=1']);
  });

  it('may be reverted', async () => {
    const base = await analyze('base', null, { ...DEBIAN_11, ...status('a=1') });
    const up = await analyze('up', base, DEBIAN_12);
    const down = await analyze('down', up, DEBIAN_11);
    expect(await packagesAt(up)).toEqual(['debian:12 a=1 @0']);
    expect(await packagesAt(down)).toEqual(['debian:11 a=1 @0']);
  });

  it('may identify the distribution for the first time', async () => {
    const base = await analyze('base', null, status('a=1'));
    expect(base).toMatchObject({ distribution: null, diagnostics: [{ code: 'distribution-unknown' }] });
    expect(await packagesAt(base)).toEqual([' a=1 @0']);
    const top = await analyze('top', base, DEBIAN_12);
    expect(top.diagnostics).toEqual([]);
    expect(await packagesAt(top)).toEqual(['debian:12 a=1 @0']);
  });
});

describe('reads no layer twice', () => {
  it('when its name is known', async () => {
    const first = await analyze('base', null, { ...DEBIAN_12, ...status('a=1') });
    expect(await analyze('base', null, { ...DEBIAN_12, ...status('a=1') })).toEqual(first);
    expect(opened).toEqual(['base']);
  });

  it('when its bytes are known, under any name and parent', async () => {
    const tar = await buildLayer(status('a=1'));
    const promised = { diffId: sha256(tar) };
    const base = await analyze('base', null, DEBIAN_12);
    await worker.analyzeLayer({ name: 'one', parent: null, source: sourceOf('one', tar, promised) });
    const two = await worker.analyzeLayer({ name: 'two', parent: base, source: sourceOf('two', tar, promised) });
    expect(opened).toEqual(['base', 'one']);
    expect(await packagesAt(two)).toEqual(['debian:12 a=1 @1']);
  });

  it('unless its digests are unknown', async () => {
    const one = await analyze('one', null, status('a=1'));
    const two = await analyze('two', null, status('a=1'));
    expect(opened).toEqual(['one', 'two']);
    expect(two).toEqual({ ...one, id: two.id, name: 'two' });
  });

  it('when it is repeated in one image', async () => {
    const [base, twice] = [await buildLayer(DEBIAN_12), await buildLayer(status('a=1'))];
    const layers = await worker.analyzeImage(imageOf([base, twice, twice]));
    expect(opened).toEqual(['0', '1']);
    expect(layers.map(({ depth }) => depth)).toEqual([0, 1, 2]);
    expect(await packagesAt(layers[2])).toEqual(['debian:12 a=1 @1']);
    expect(await changesOf(layers[2])).toEqual([]);
  });

  it('when another image has it', async () => {
    const [base, mine, other] = [
      await buildLayer({ ...DEBIAN_12, ...status('a=1') }),
      await buildLayer(status('a=1', 'b=1')),
      await buildLayer(status('a=1', 'c=1')),
    ];
    const first = await worker.analyzeImage(imageOf([base, mine]));
    const second = await worker.analyzeImage(imageOf([base, other]));
    expect(opened).toEqual(['0', '1', '1']);
    expect(second[0]).toEqual(first[0]);
    expect(await packagesAt(second[1])).toEqual(['debian:12 a=1 @0', 'debian:12 c=1 @1']);
  });

  it('when the whole image is indexed', async () => {
    const tars = [await buildLayer(DEBIAN_12), await buildLayer(status('a=1'))];
    const first = await worker.analyzeImage(imageOf(tars));
    opened = [];
    expect(await worker.analyzeImage(imageOf(tars))).toEqual(first);
    expect(opened).toEqual([]);
  });
});

describe('an image', () => {
  it('names its layers by ChainID and is stored', async () => {
    const tars = [await buildLayer(DEBIAN_12), await buildLayer(status('a=1'))];
    const image = imageOf(tars);
    const layers = await worker.analyzeImage(image);
    expect(layers.map(({ name }) => name)).toEqual(chainIds(tars.map(sha256)));
    const { digest, reference, target, platform } = image;
    const told = { digest, reference, target, platform };
    expect(await store.images.find(digest)).toEqual({ ...told, leaf: layers[1]?.id, scannedAt: expect.any(Number) });
  });

  it('may have no layers', async () => {
    const image = imageOf([]);
    expect(await worker.analyzeImage(image)).toEqual([]);
    expect(await store.images.find(image.digest)).toMatchObject({ leaf: null });
  });

  it('may have empty layers in between', async () => {
    const tars = [await buildLayer({ ...DEBIAN_12, ...status('a=1') }), await buildLayer({}), await buildLayer({})];
    const layers = await worker.analyzeImage(imageOf(tars));
    expect(opened).toEqual(['0', '1']);
    expect(await packagesAt(layers[2])).toEqual(['debian:12 a=1 @0']);
  });

  it('may be analysed concurrently by another worker', async () => {
    const tars = [await buildLayer(DEBIAN_12), await buildLayer(status('a=1')), await buildLayer({ hello: 'world' })];
    const open = async (): Promise<ByteStream> => {
      await createLocalWorker({ store, detectors: DETECTORS }).analyzeImage(imageOf(tars.slice(0, 2)));
      return chunked(tars[2]!);
    };
    worker = createLocalWorker({ store, detectors: DETECTORS, reader: { ...createLayerReader(DETECTORS), ahead: 3 } });
    const layers = await worker.analyzeImage(imageOf(tars, { 2: { open, digest: sha256(tars[2]!) } }));
    expect(opened).toEqual(['0', '1']);
    expect(await packagesAt(layers[2])).toEqual(['debian:12 a=1 @1']);
  });
});

describe("an image layer's name used by another client", () => {
  it('for other content is rejected', async () => {
    const tar = await buildLayer(DEBIAN_12);
    const [name] = chainIds([sha256(tar)]);
    await analyze(name!, null, status('evil=1'));
    const image = imageOf([tar]);
    await expect(worker.analyzeImage(image)).rejects.toMatchObject({ code: 'layer/name-taken' });
    expect(await store.images.find(image.digest)).toBeUndefined();
  });

  it('for the same content on another parent is rejected', async () => {
    const tars = [await buildLayer(DEBIAN_12), await buildLayer(status('a=1'))];
    const [, name] = chainIds(tars.map(sha256));
    await analyze(name!, null, status('a=1'));
    await expect(worker.analyzeImage(imageOf(tars))).rejects.toMatchObject({ code: 'layer/name-taken' });
  });
});

describe('a layer that cannot be read', () => {
  const refusal = new ClairError('bytes/unreachable', 'nobody answers');
  /** A position within the second header, because an archive may end between two members. */
  const HALF_WAY = 1100;

  async function* cut(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
    yield bytes.subarray(0, HALF_WAY);
    throw refusal;
  }

  it.each<[string, (tar: Buffer) => Partial<LayerSource>, string]>([
    ['that cannot be opened', () => ({ open: () => Promise.reject(refusal) }), 'bytes/unreachable'],
    [
      'whose source fails half-way',
      (tar) => ({ open: async (): Promise<ByteStream> => cut(tar) }),
      'bytes/unreachable',
    ],
    ['that is cut', (tar) => ({ open: async () => chunked(tar.subarray(0, HALF_WAY)) }), 'bytes/truncated'],
    ['that is not an archive', () => ({ open: async () => chunked(Buffer.from('<html>')) }), 'bytes/corrupt'],
    ['with another digest than expected', () => ({ digest: digestOf('a') }), 'bytes/digest-mismatch'],
    ['with another DiffID than expected', () => ({ diffId: digestOf('a') }), 'bytes/digest-mismatch'],
  ])('%s stores nothing', async (_, broken, code) => {
    const tar = await buildLayer({ ...DEBIAN_12, ...status('a=1') });
    const source = sourceOf('base', tar, broken(tar));
    await expect(worker.analyzeLayer({ name: 'base', parent: null, source })).rejects.toMatchObject({ code });
    expect(await store.layers.find('base')).toBeUndefined();
    expect(await store.layers.contents(sha256(tar), worker.engineVersion)).toBeUndefined();
    expect(await store.layers.contents(digestOf('a'), worker.engineVersion)).toBeUndefined();
  });

  it('leaves the image unindexed, but stores the layers below', async () => {
    const tars = [await buildLayer(DEBIAN_12), await buildLayer(status('a=1')), await buildLayer(status('a=2'))];
    const image = imageOf(tars, { 1: { open: () => Promise.reject(refusal) } });
    await expect(worker.analyzeImage(image)).rejects.toBe(refusal);
    expect(opened).toEqual(['0']);
    expect(await store.images.find(image.digest)).toBeUndefined();
    const layers = await worker.analyzeImage(imageOf(tars));
    expect(opened).toEqual(['0', '1', '2']);
    expect(await packagesAt(layers[2])).toEqual(['debian:12 a=2 @2']);
  });

  it('because of an abort stores nothing', async () => {
    const tars = [await buildLayer(DEBIAN_12)];
    const stop = new Error('enough');
    const image = imageOf(tars);
    await expect(worker.analyzeImage(image, AbortSignal.abort(stop))).rejects.toBe(stop);
    const source = sourceOf('base', tars[0]!);
    const submission = { name: 'base', parent: null, source, signal: AbortSignal.abort(stop) };
    await expect(worker.analyzeLayer(submission)).rejects.toBe(stop);
    expect(await store.layers.find('base')).toBeUndefined();
    expect(await store.images.find(image.digest)).toBeUndefined();
  });
});

describe('a newer engine', () => {
  /** Finds a package that the older engine ignores. */
  const newer: Detector = {
    id: 'words',
    kind: 'packages',
    version: 1,
    wants: exactPaths('etc/words'),
    read: (_, bytes) => {
      const [name = '', version = ''] = Buffer.from(bytes).toString().split('=');
      return {
        packages: [{ type: 'deb', name, version, arch: '', source: { name, version } }],
        diagnostics: [],
      };
    },
  };
  const members = { ...DEBIAN_12, 'etc/words': 'word=1' };

  it('reads a stored layer again and replaces the result', async () => {
    const old = await analyze('base', null, members);
    expect(await packagesAt(old)).toEqual([]);
    worker = createLocalWorker({ store, detectors: [...DETECTORS, newer] });
    const layer = await analyze('base', null, members);
    expect(opened).toEqual(['base', 'base']);
    expect(await packagesAt(layer)).toEqual(['debian:12 word=1 @0']);
    expect(await store.layers.find('base')).toEqual(layer);
    expect(await analyze('base', null, members)).toEqual(layer);
    expect(opened).toEqual(['base', 'base']);
  });

  it('reads all layers of an indexed image again', async () => {
    const image = imageOf([await buildLayer(members), await buildLayer(status('a=1'))]);
    await worker.analyzeImage(image);
    worker = createLocalWorker({ store, detectors: [...DETECTORS, newer] });
    const layers = await worker.analyzeImage(image);
    expect(opened).toEqual(['0', '1', '0', '1']);
    expect(await packagesAt(layers[1])).toEqual(['debian:12 a=1 @1', 'debian:12 word=1 @0']);
  });

  it('builds on a parent from the older engine', async () => {
    const base = await analyze('base', null, { ...members, ...status('a=1') });
    worker = createLocalWorker({ store, detectors: [...DETECTORS, newer] });
    const top = await analyze('top', base, status('a=1', 'b=1'));
    expect(await packagesAt(top)).toEqual(['debian:12 a=1 @0', 'debian:12 b=1 @1']);
  });

  it('is not undone by an older engine', async () => {
    worker = createLocalWorker({ store, detectors: [...DETECTORS, newer] });
    const layer = await analyze('base', null, members);
    worker = createLocalWorker({ store, detectors: DETECTORS });
    expect(await analyze('base', null, members)).toEqual(layer);
    expect(opened).toEqual(['base']);
  });
});
