/** Tests links to package databases and release files at each layer of an image. */
import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gnuLong, inChunks, type Member, pax, tarOf } from '../bytes/testing/tar-builder.ts';
import { fileBytes } from '../bytes/file-bytes.ts';
import { memoryStore } from '../database/testing/memory-store.ts';
import type { Store } from '../database/contracts/store.ts';
import { type Digest, digestOfHex } from '../model/digest.ts';
import type { Layer } from '../model/layer.ts';
import { DETECTORS } from './detectors/index.ts';
import { createLayerReader, type LayerReader } from './layer/layer-reader.ts';
import { MAX_LINK_TARGETS } from './layer/link-targets.ts';
import { createKnownLayers } from './rereading/known-layers.ts';
import type { ImageLayer, ImageSource } from './sources/image-source.ts';
import type { LayerSource } from './sources/layer-source.ts';
import { createLocalWorker } from './testing/local-worker.ts';
import type { Worker } from './worker.ts';

let store: Store;
let worker: Worker;
let opened: number[] = [];
let again = { readings: 0, inParts: 0 };

beforeAll(async () => {
  store = await memoryStore();
  worker = createLocalWorker({ store, detectors: DETECTORS });
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

const folder = mkdtempSync(join(tmpdir(), 'clair-worker-links-'));

const STATUS = 'var/lib/dpkg/status';
const STATUS_D = 'var/lib/dpkg/status.d';
const RELEASE = file('etc/os-release', 'ID=debian\nVERSION_ID=12\n');

function file(name: string, content: string): Member {
  return { name, content };
}

function packages(name: string, ...names: readonly string[]): Member {
  const stanza = (each: string): string =>
    `Package: ${each}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n`;
  return file(name, names.map(stanza).join('\n'));
}

const link = (name: string, target: string): Member => ({ name, type: '2', link: target });
const hard = (name: string, target: string): Member => ({ name, type: '1', link: target });
const gone = (name: string): Member => file(name.replace(/([^/]*)$/, '.wh.$1'), '');

function sha256(bytes: Uint8Array | string): Digest {
  return digestOfHex(createHash('sha256').update(bytes).digest('hex'));
}

/** Creates an uncompressed layer file; a second reading of the file reads only parts. */
function fileSourceOf(members: readonly (Member | Buffer)[], at: number): LayerSource & { readonly diffId: Digest } {
  const tar = tarOf(...members);
  const path = join(folder, `${randomUUID()}.tar`);
  writeFileSync(path, tar);
  return { where: `layer ${at}`, diffId: sha256(tar), open: async () => fileBytes(path), file: () => ({ path }) };
}

function sourceOf(members: readonly (Member | Buffer)[], at: number): LayerSource & { readonly diffId: Digest } {
  const tar = tarOf(...members);
  const open: LayerSource['open'] = async () => {
    opened.push(at);
    return inChunks(at % 2 === 0 ? tar : gzipSync(tar));
  };
  return { where: `layer ${at}`, diffId: sha256(tar), open };
}

function imageOf(...layers: readonly (readonly (Member | Buffer)[])[]): ImageSource {
  return imageFrom(layers, sourceOf);
}

function imageFrom(layers: readonly (readonly (Member | Buffer)[])[], from: typeof sourceOf): ImageSource {
  const sources = layers.map((members, at): ImageLayer => {
    const source = from(members, at);
    return { source, digest: source.diffId, diffId: source.diffId, createdBy: '' };
  });
  const digest = sha256(sources.map(({ diffId }) => diffId).join());
  const named = { kind: 'oci', reference: 'test', target: 'oci:/test', digest, platform: 'linux/amd64' } as const;
  return { ...named, layers: sources, close: async () => {} };
}

async function namesAt(layer: Layer, from: Store = store): Promise<string> {
  return (await from.layers.features(layer.id)).map((each) => each.feature.name).join(' ');
}

/**
 * Returns the packages at each layer as one word, followed by the codes of relevant diagnostics. Checks that layers in
 * files, read again in parts, give the same results as streamed layers.
 */
async function shown(...layers: readonly (readonly (Member | Buffer)[])[]): Promise<readonly string[]> {
  opened = [];
  const streamed = await textsOf(await worker.analyzeImage(imageOf([RELEASE], ...layers)), store);
  const other = await memoryStore();
  const fromFiles = createLocalWorker({ store: other, detectors: DETECTORS, reader: readerOfFiles() });
  const image = imageFrom([[RELEASE], ...layers], fileSourceOf);
  expect(await textsOf(await fromFiles.analyzeImage(image), other)).toEqual(streamed);
  await other.close();
  return streamed;
}

/**
 * Returns a layer reader that counts the readings that links require, and how many of these read only parts of a layer.
 */
function readerOfFiles(): LayerReader {
  // The files were just written, and by default a timestamp is trusted only 2 seconds after the last change.
  const reader = createLayerReader(DETECTORS, { layers: createKnownLayers({ settledMilliseconds: 0 }) });
  again = { readings: 0, inParts: 0 };
  return {
    ...reader,
    async read(source, options) {
      const reading = await reader.read(source, options);
      if ((options?.targets ?? []).length > 0) {
        again.readings += 1;
        if (reading.known === undefined) again.inParts += 1;
      }
      return reading;
    },
  };
}

async function textsOf(stored: readonly Layer[], from: Store): Promise<readonly string[]> {
  const texts = await Promise.all(
    stored.map(async (layer) => {
      const codes = layer.diagnostics.map(({ code }) => code).filter((code) => code !== 'package-database-missing');
      return [await namesAt(layer, from), ...codes].join('|');
    }),
  );
  return texts.slice(1);
}

describe('a package database behind a link, in one layer', () => {
  it.each<[string, readonly (Member | Buffer)[]]>([
    ['absolute', [link(STATUS, '/data/status'), packages('data/status', 'a')]],
    ['relative, its target before it', [packages('data/status', 'a'), link(STATUS, '../../../data/status')]],
    ['clamped at the root', [link(STATUS, '../../../../../../../data/status'), packages('data/status', 'a')]],
    ['to a link', [link(STATUS, '/data/a'), link('data/a', 'b/status'), packages('data/b/status', 'a')]],
    [
      'to a link to a link, through a directory that is one',
      [link(STATUS, '/data/a'), link('data', 'mnt/x'), link('mnt/x/a', '../y'), packages('mnt/y', 'a')],
    ],
    ['of the directory', [link('var/lib/dpkg', '/data/dpkg'), packages('data/dpkg/status', 'a')]],
    ['of a directory above', [link('var', 'mnt/var'), packages('mnt/var/lib/dpkg/status', 'a')]],
    ['of the directory status.d', [link(STATUS_D, '/data/d'), packages('data/d/a', 'a')]],
    ['of a file in status.d', [link(`${STATUS_D}/a`, '/data/a'), packages('data/a', 'a')]],
    ['of a directory that is known for something else', [link(STATUS_D, '/etc'), packages('etc/a', 'a')]],
    [
      'with .. behind a link',
      [
        link(STATUS, '/data/x/../status'),
        link('data/x', '/mnt/y/z'),
        { name: 'mnt/y/z', type: '5' },
        packages('mnt/y/status', 'a'),
      ],
    ],
    [
      'with a long name of PAX',
      [
        pax({ linkpath: `/data/${'x'.repeat(200)}` }),
        link(STATUS, 'short'),
        pax({ path: `data/${'x'.repeat(200)}` }),
        packages('short', 'a'),
      ],
    ],
    [
      'with a long name of GNU',
      [
        gnuLong('K', `/data/${'x'.repeat(200)}`),
        link(STATUS, 'short'),
        gnuLong('L', `data/${'x'.repeat(200)}`),
        packages('short', 'a'),
      ],
    ],
    ['hard', [packages('data/status', 'a'), hard(STATUS, 'data/status')]],
    [
      'hard, its target from the root of the archive',
      [packages('data/status', 'a'), hard(`./${STATUS}`, './data/status')],
    ],
    [
      'hard, of a symbolic link',
      [link('data/l', '/data/status'), packages('data/status', 'a'), hard(STATUS, 'data/l')],
    ],
    [
      'symbolic, to a hard link',
      [packages('data/b', 'a'), hard('data/status', 'data/b'), link(STATUS, '/data/status')],
    ],
    ['hard, its target replaced later', [packages('data/s', 'a'), hard(STATUS, 'data/s'), packages('data/s', 'b')]],
    ['hard, its directory replaced later', [packages('data/s', 'a'), hard(STATUS, 'data/s'), file('data', '')]],
    [
      'hard, with long names',
      [
        gnuLong('L', `data/${'x'.repeat(200)}`),
        packages('short', 'a'),
        gnuLong('K', `data/${'x'.repeat(200)}`),
        hard(STATUS, 'short'),
      ],
    ],
  ])('%s is read', async (_, members) => {
    expect(await shown(members)).toEqual(['a']);
  });

  it('to a file of other detectors is read too', async () => {
    const members = [link(STATUS, '/etc/lsb-release'), packages('etc/lsb-release', 'a')];
    expect(await shown(members)).toEqual(['a|release-file-unreadable']);
  });

  it.each<[string, readonly Member[], string]>([
    ['to nothing', [link(STATUS, '/nowhere')], '|package-database-unreadable'],
    ['to itself', [link(STATUS, 'status')], '|package-database-unreadable'],
    [
      'in a loop that no detector reads',
      [link(STATUS, '/a'), link('a', 'b'), link('b', 'a')],
      '|package-database-unreadable',
    ],
    ['to a directory', [link(STATUS, '/data'), { name: 'data', type: '5' }], ''],
    ['hard, to nothing', [hard(STATUS, 'nowhere')], '|package-database-unreadable'],
  ])('%s causes a diagnostic and yields no packages', async (_, members, expected) => {
    expect(await shown(members)).toEqual([expected]);
  });
});

describe('a link of another layer', () => {
  it.each<[string, readonly (readonly Member[])[], readonly string[]]>([
    ['that comes later', [[packages('data/s', 'a')], [link(STATUS, '/data/s')]], ['', 'a']],
    [
      'whose target comes later',
      [[link(STATUS, '/data/s')], [packages('data/s', 'a')]],
      ['|package-database-unreadable', 'a'],
    ],
    [
      'whose target changes',
      [[link(STATUS, '/data/s'), packages('data/s', 'a')], [packages('data/s', 'b')]],
      ['a', 'b'],
    ],
    [
      'whose target is removed',
      [[link(STATUS, '/data/s'), packages('data/s', 'a')], [gone('data/s')]],
      ['a', '|package-database-unreadable|package-database-removed'],
    ],
    [
      'whose target is hidden by an opaque directory',
      [
        [link(STATUS, '/data/s'), packages('data/s', 'a')],
        [file('data/.wh..wh..opq', ''), packages('data/s', 'b')],
      ],
      ['a', 'b'],
    ],
    [
      'that an upper layer redirects',
      [[link(STATUS, '/x'), packages('x', 'a'), packages('y', 'b')], [link(STATUS, '/y')]],
      ['a', 'b'],
    ],
    [
      'that becomes a file',
      [[link(STATUS, '/x'), packages('x', 'a')], [packages(STATUS, 'b')], [packages('x', 'c')]],
      ['a', 'b', 'b'],
    ],
    [
      'with layers between',
      [[packages('x', 'a')], [file('y', '')], [link(STATUS, '/x')], [file('z', '')]],
      ['', '', 'a', 'a'],
    ],
    ['that is hard, to a lower layer', [[packages('data/s', 'a')], [hard(STATUS, 'data/s')]], ['', 'a']],
    [
      'that is hard, whose target changes and is removed',
      [[packages('data/s', 'a'), hard(STATUS, 'data/s')], [packages('data/s', 'b')], [gone('data/s')]],
      ['a', 'a', 'a'],
    ],
    [
      'that is hard, to a file of a lower layer that the layer of the link removes',
      [[packages('data/s', 'a')], [gone('data/s'), hard(STATUS, 'data/s')]],
      ['', 'a'],
    ],
  ])('%s', async (_, layers, expected) => {
    expect(await shown(...layers)).toEqual(expected);
  });

  it('of the release applies from its layer on', async () => {
    const layers = [[file('x', 'ID=debian\nVERSION_ID=13\n')], [link('etc/os-release', '/x')]];
    const stored = await worker.analyzeImage(imageOf([RELEASE], ...layers));
    expect(stored.map(({ distribution }) => distribution?.namespace)).toEqual(['debian:12', 'debian:12', 'debian:13']);
  });
});

describe('the second reading', () => {
  it('happens when a link leads to unread files, and is stored for all images', async () => {
    const base = [packages('only/here', 'a')];
    expect(await shown(base, [link(STATUS, '/only/here')])).toEqual(['', 'a']);
    expect(opened.toSorted((a, b) => a - b)).toEqual([0, 1, 1, 2, 2]);
    expect(await shown(base, [link(STATUS, '/only/here'), file('z', '')])).toEqual(['', 'a']);
    expect(opened).toEqual([2, 2]);
    expect(again).toEqual({ readings: 3, inParts: 3 });
  });

  it('is skipped when links lead to files already read', async () => {
    const rpm = [link('usr/lib/sysimage/rpm', '/var/lib/rpm'), { name: 'var/lib/rpm', type: '5' }];
    expect(await shown([...rpm, packages(STATUS, 'kept')])).toEqual(['kept']);
    expect(opened).toEqual([1]);
  });

  it('is used by layers posted later, one by one', async () => {
    const post = async (name: string, parent: Layer | null, ...members: readonly Member[]): Promise<Layer> => {
      const { where, open } = sourceOf(members, 0);
      return await worker.analyzeLayer({ name, parent, source: { where, open } });
    };
    const base = await post('base', null, RELEASE, link(STATUS, '/posted'), packages('posted', 'a'));
    const same = await post('same', base, file('z', ''));
    const changed = await post('changed', same, packages('posted', 'b'));
    expect(await Promise.all([base, same, changed].map(async (layer) => await namesAt(layer)))).toEqual([
      'a',
      'a',
      'b',
    ]);
    // The layer below cannot be read again.
    const late = await post('late', changed, link(`${STATUS_D}/x`, '/z'));
    expect(await namesAt(late)).toBe('b');
    expect(late.diagnostics).toContainEqual({
      code: 'link-unresolved',
      message: 'links lead to z, but not all layers could be read again, so files behind these links may be missing',
      where: 'layers',
    });
  });
});

describe('the limits of links', () => {
  /** Returns a chain of links at paths that no detector reads. */
  const chain = (hops: number): readonly Member[] => [
    link(STATUS, '/deep/down/hop/1'),
    ...Array.from({ length: hops - 1 }, (_, at) => link(`deep/down/hop/${at + 1}`, String(at + 2))),
    packages(`deep/down/hop/${hops}`, 'end'),
  ];

  it('are passes over the layers of an image, with a diagnostic beyond', async () => {
    expect(await shown(chain(8))).toEqual(['end']);
    const [names] = await shown([...chain(20), file('z', '')], [file('y', '')]);
    expect(names).toBe('|package-database-unreadable|link-unresolved');
    // The layer is read once at first, and once in each of eight further passes.
    expect(opened.filter((at) => at === 1)).toHaveLength(9);
    expect(opened.filter((at) => at === 2).length).toBeLessThanOrEqual(2);
  });

  it('are paths for one image, with a diagnostic beyond', async () => {
    const members = Array.from({ length: MAX_LINK_TARGETS + 1 }, (_, at) => [
      link(`${STATUS_D}/${at}`, `/t/${at}`),
      packages(`t/${at}`, `p${at}`),
    ]);
    const [names] = await textsOf(await worker.analyzeImage(imageOf([RELEASE], members.flat())), store);
    expect(names?.split('|', 1)[0]?.split(' ')).toHaveLength(MAX_LINK_TARGETS);
    expect(names).toMatch(/\|link-unresolved$/);
  });
});
