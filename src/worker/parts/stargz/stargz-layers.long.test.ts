import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { noise } from '../../../bytes/testing/noise.ts';
import { inChunks, type Member, pax, tarOf } from '../../../bytes/testing/tar-builder.ts';
import { DETECTORS } from '../../detectors/index.ts';
import { information } from '../../detectors/libraries/golang/testing/go-program.ts';
import { elfFile } from '../../detectors/libraries/executables/testing/elf-file.ts';
import type { LayerContents } from '../../layer/layer-contents.ts';
import { createLayerReader, readPartsOfLayer } from '../../layer/layer-reader.ts';
import { unpackContents } from '../../layer/packed-contents.ts';
import type { PartLimits } from '../part-limits.ts';
import { type PartsSource, partsSource } from '../testing/parts-source.ts';
import { stargz, stargzFooter, type StargzOptions } from '../testing/stargz.ts';
import { digestOf, type WrittenEntry, zstdChunked } from '../testing/zstd-chunked.ts';

const MIB = 1024 * 1024;
const reader = createLayerReader(DETECTORS);

const NOISE = noise(2 * MIB);
const MODEL: Member = { name: 'models/weights.bin', content: NOISE };
const RELEASE: Member = { name: 'etc/os-release', content: 'ID=debian\nVERSION_ID=12\n' };
const STATUS_NAME = 'var/lib/dpkg/status';
const STANZA = 'Package: a\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n';
const STATUS: Member = { name: STATUS_NAME, content: STANZA };
const LARGE_STATUS: Member = {
  name: STATUS_NAME,
  content: `${STANZA}Description: ${NOISE.toString('hex', 0, 100_000)}\n\n`,
};
const GO = elfFile([information()]);

function layerOf(members: readonly Member[], options?: StargzOptions): PartsSource {
  const layer = stargz(tarOf(...members), options);
  return partsSource(layer, layer.tar, 'any');
}

/** Returns the contents of an ordinary layer with these members. */
async function plainContents(members: readonly Member[]): Promise<LayerContents> {
  const tar = tarOf(...members);
  return unpackContents((await reader.read({ where: 'layer', open: async () => inChunks(tar) })).contents);
}

/** Returns the contents of the whole layer. */
async function wholeContents({ where, digest, diffId, open }: PartsSource): Promise<LayerContents> {
  return unpackContents((await reader.read({ where, digest: digest!, diffId: diffId!, open })).contents);
}

/** A reading in part, and whether it states the bytes that were requested, which must be less than the layer. */
type PartReading = {
  readonly contents: LayerContents;
  readonly isInParts: true | undefined;
  readonly isCounted: boolean;
};

async function partOf(source: PartsSource): Promise<PartReading> {
  const { contents: packed, isInParts } = await reader.read(source);
  const { parts, ...contents } = unpackContents(packed);
  const fetched = source.requested.reduce((sum, { start, end }) => sum + end - start, 0);
  const { size } = source.parts!;
  const isCounted = parts?.fetched === fetched && parts.size === size && fetched < 0.75 * size;
  return { contents, isInParts, isCounted: isCounted && parts.isUnproven === true };
}

/** Returns the reading in part of a layer with these members. */
async function partWith(members: readonly Member[]): Promise<PartReading> {
  return { contents: await plainContents(members), isInParts: true, isCounted: true };
}

const MANY: readonly Member[] = Array.from({ length: 40 }, (_, at) => ({
  name: `app/${at}/package.json`,
  content: `{"name":"p${at}","version":"1"}`,
}));

describe.each<[string, StargzOptions]>([
  ['eStargz', {}],
  ['eStargz in which files share gzip members', { minChunkBytes: 10_000 }],
  ['eStargz with files before the first new gzip member', { minChunkBytes: 1000, chunkBytes: 500 }],
  ['the zstd:chunked variant of stargz-snapshotter', { format: 'zstd' }],
  ['this variant with shared frames', { format: 'zstd', minChunkBytes: 10_000 }],
])('a layer in the format of %s has the contents of an ordinary layer', (_, options) => {
  it.each<[string, readonly Member[]]>([
    ['with a package database behind a large file', [RELEASE, MODEL, STATUS]],
    ['with a large file only', [MODEL]],
    ['with a package database of several chunks', [RELEASE, MODEL, LARGE_STATUS]],
    ['with many small files', [...MANY, MODEL, ...MANY.map((each) => ({ ...each, name: `new/${String(each.name)}` }))]],
    ['with a Go program without an executable bit', [MODEL, { name: 'opt/tool', content: GO }]],
    ['with a file of zeros', [MODEL, { name: 'swap', content: Buffer.alloc(MIB) }, STATUS]],
    [
      'with whiteouts, also as files with content',
      [MODEL, { name: 'var/lib/dpkg/.wh.status', content: 'x' }, { name: 'opt/.wh..wh..opq' }, { name: '.wh.etc' }],
    ],
    [
      'with links',
      [
        MODEL,
        { name: 'var/lib/dpkg', type: '2', link: '/data' },
        { name: 'data/status', content: STANZA },
        { name: 'etc/os-release', type: '1', link: './usr/lib//os-release' },
        { name: 'usr/lib/os-release', type: '2', link: '../nowhere' },
      ],
    ],
    [
      'with hard links in a cycle and into a lower layer',
      [
        MODEL,
        { name: STATUS_NAME, type: '1', link: 'data/status' },
        { name: 'data/status', type: '1', link: STATUS_NAME },
        { name: 'etc/os-release', type: '1', link: 'base/os-release' },
      ],
    ],
    [
      'with paths in other forms',
      [
        MODEL,
        { name: './', type: '5' },
        { ...RELEASE, name: './etc//os-release' },
        { ...STATUS, name: `/${STATUS_NAME}` },
      ],
    ],
    [
      'with long names and targets',
      [
        MODEL,
        pax({ path: `${'d/'.repeat(100)}package.json` }),
        { name: 'x', content: '{"name":"a","version":"1"}' },
        { name: 'ü/package.json', content: '{"name":"b","version":"1"}' },
      ],
    ],
    [
      'with devices, empty files and directories',
      [
        MODEL,
        { name: 'etc/', type: '5' },
        { name: 'dev/null', type: '3' },
        { name: 'dev/fifo', type: '6' },
        { name: 'empty' },
        { name: '.prefetch.landmark/', type: '5' },
        STATUS,
      ],
    ],
  ])('%s', async (_name, members) => {
    expect(await partOf(layerOf(members, options))).toEqual(await partWith(members));
  });

  it('without its landmarks', async () => {
    const landmark = { name: './.no.prefetch.landmark', content: '\x0f' };
    expect(await partOf(layerOf([landmark, RELEASE, MODEL], options))).toEqual(await partWith([RELEASE, MODEL]));
  });
});

it('reads parents that the table does not list as directories', async () => {
  const source = layerOf([{ name: 'etc/', type: '5' }, RELEASE, MODEL], {
    entries: (all) => all.filter(({ type }) => type !== 'dir'),
  });
  expect(await partOf(source)).toEqual(await partWith([RELEASE, MODEL]));
});

it('uses the digest of a file with one chunk if the chunk has none', async () => {
  expect(await partOf(layerOf([MODEL, STATUS], changed(STATUS_NAME, { chunkDigest: undefined })))).toEqual(
    await partWith([MODEL, STATUS]),
  );
});

it('reads a table of contents that is larger than the first request', async () => {
  const many = Array.from({ length: 8000 }, (_, at) => ({
    name: `${at}/${NOISE.toString('hex', 40 * at, 40 * at + 40)}`,
  }));
  const members = [MODEL, STATUS, ...many, { ...MODEL, name: 'z' }];
  const source = layerOf(members);
  expect(await partOf(source)).toEqual(await partWith(members));
  expect(source.requested[1]!.end).toBe(source.requested[0]!.start);
});

it('shows the packages of the table if the layer has other packages, and marks the contents as unproven', async () => {
  const clean = Buffer.from(STANZA.replace('Package: a', 'Package: b'));
  const source = layerOf([RELEASE, MODEL, STATUS], { hidden: { [STATUS_NAME]: clean } });
  expect(await partOf(source)).toEqual(await partWith([RELEASE, MODEL, { ...STATUS, content: clean }]));
  const whole = await wholeContents(source);
  expect(whole.entries).toEqual((await plainContents([RELEASE, MODEL, STATUS])).entries);
});

it('reads zstd:chunked of containers/storage without a tar-split', async () => {
  const members = [RELEASE, MODEL, STATUS];
  const tar = tarOf(...members);
  const annotations = (all: Record<string, string>): Record<string, string | undefined> => ({
    ...all,
    'io.github.containers.zstd-chunked.tarsplit-position': undefined,
  });
  const layer = zstdChunked(tar, { annotations });
  expect(await partOf(partsSource(layer, tar, 'any'))).toEqual(await partWith(members));
  expect(partsSource(layer, tar).parts!.anchor.format).toBe('unusable');
});

/** Changes the entries with a name. */
const changed = (name: string, change: WrittenEntry): StargzOptions => ({
  entries: (entries) => entries.map((each) => (each['name'] === name ? { ...each, ...change } : each)),
});

/** Changes the chunks after the first chunk of the package database. */
const changedChunk = (change: WrittenEntry): StargzOptions => ({
  entries: (entries) =>
    entries.map((each) => (each['name'] === STATUS_NAME && each['type'] === 'chunk' ? { ...each, ...change } : each)),
});

/** Replaces the end of the layer, which starts with the footer. */
const footer = (written: (position: number) => Buffer): StargzOptions => ({
  blob: (blob) => Buffer.concat([blob.subarray(0, -51), written(positionIn(blob))]),
});

/** Returns the position of the table of contents according to the footer. */
function positionIn(blob: Buffer): number {
  return Number.parseInt(blob.toString('latin1', blob.length - 35, blob.length - 19), 16);
}

const inside = (entry: WrittenEntry): WrittenEntry =>
  entry['name'] === STATUS_NAME && entry['type'] === 'chunk'
    ? { ...entry, offset: Number(entry['offset']) + 1 }
    : entry;

const DIGEST = 'containerd.io/snapshot/stargz/toc.digest';
const CHECKSUM = 'io.github.containers.zstd-chunked.manifest-checksum';

const MEMBERS: readonly Member[] = [
  RELEASE,
  MODEL,
  LARGE_STATUS,
  { name: 'etc/link', type: '2', link: 'os-release' },
  { name: 'etc/hard', type: '1', link: 'etc/os-release' },
];
const { blob: BLOB } = stargz(tarOf(...MEMBERS));
const PACKED_DIGEST = digestOf(BLOB.subarray(positionIn(BLOB), -51));
const ENTRIES = (await plainContents(MEMBERS)).entries;

describe('a layer of stargz-snapshotter that cannot be read in part is read as a whole, with a reason', () => {
  const other = `sha256:${'0'.repeat(64)}`;
  it.each<[string, StargzOptions, RegExp]>([
    [
      'another digest of the table',
      { annotations: (all) => ({ ...all, [DIGEST]: other }) },
      /table of contents has digest/,
    ],
    [
      'another digest of the table of the zstd:chunked variant',
      { annotations: (all) => ({ ...all, [DIGEST]: other }), format: 'zstd' },
      /table of contents has digest/,
    ],
    [
      'the digest of the compressed table',
      { annotations: () => ({ [DIGEST]: PACKED_DIGEST }) },
      /table of contents has digest/,
    ],
    [
      'a digest of another algorithm',
      { annotations: (all) => ({ ...all, [DIGEST]: `sha512:${'0'.repeat(128)}` }) },
      /not a SHA-256/,
    ],
    ['two tables', { annotations: (all) => ({ ...all, [CHECKSUM]: other }) }, /name two tables/],
    ['a name listed twice', { entries: (all) => [...all, all[0]!] }, /lists "etc\/os-release" twice/],
    [
      'a name listed twice in two forms',
      { entries: (all) => [...all, { type: 'dir', name: './etc//os-release' }] },
      /lists ".\/etc\/\/os-release" twice/,
    ],
    [
      'a file below a link',
      { entries: (all) => [...all, { type: 'reg', name: 'etc/link/x/y' }] },
      /lists .* below a path/,
    ],
    [
      'a name outside the root',
      { entries: (all) => [...all, { type: 'reg', name: '../x' }] },
      /lists .* outside the root/,
    ],
    ['a hard link outside the root', changed('etc/hard', { linkName: '../x' }), /target outside the root/],
    ['a file as the root', { entries: (all) => [...all, { type: 'reg', name: './' }] }, /as the root/],
    ['a name with NUL', { entries: (all) => [...all, { type: 'reg', name: 'a\0b' }] }, /as an invalid name/],
    ['a target with NUL', changed('etc/link', { linkName: 'a\0b' }), /with an invalid target/],
    ['a long name', { entries: (all) => [...all, { type: 'reg', name: 'x'.repeat(70_000) }] }, /as an invalid name/],
    ['half a surrogate pair', { text: (text) => text.replaceAll('etc/link', String.raw`etc/\ud800`) }, /differ in/],
    ['an unknown type', changed('etc/link', { type: 'door' }), /unknown type "door"/],
    ['a chunk without a file', { entries: (all) => [{ type: 'chunk', name: 'x' }, ...all] }, /chunk without a file/],
    ['another digest of a chunk', changedChunk({ chunkDigest: other }), /a part of a file has digest/],
    ['no digest of a chunk', changedChunk({ chunkDigest: undefined }), /has no SHA-256 digest/],
    ['a weak digest of a chunk', changedChunk({ chunkDigest: `md5:${'0'.repeat(32)}` }), /has no SHA-256 digest/],
    ['another digest of a file', changed(STATUS_NAME, { digest: other }), /has digest/],
    ['no digest of a file', changed(STATUS_NAME, { digest: undefined }), /no valid SHA-256 digest of/],
    ['another offset', changedChunk({ offset: 1 }), /invalid or overlapping/],
    ['an inner offset in another file', changedChunk({ innerOffset: 5 }), /a part of a file has/],
    ['an inner offset beyond the limit', changedChunk({ innerOffset: 2 ** 53 - 1 }), /exceeds 16777216 bytes/],
    ['a negative inner offset', changedChunk({ innerOffset: -1 }), /has an invalid entry/],
    ['an offset that is a text', changedChunk({ offset: '1' }), /has an invalid entry/],
    ['an offset beyond 2^53', changedChunk({ offset: 2 ** 60 }), /has an invalid entry/],
    ['an offset beyond the data', changedChunk({ offset: 2 ** 40 }), /invalid or overlapping/],
    ['a gap between chunks', changedChunk({ chunkOffset: 70_000 }), /invalid or overlapping/],
    ['a larger file', changed(STATUS_NAME, { size: 2 ** 40 }), /the files to read exceed 536870912 bytes/],
    ['a chunk of zeros', changedChunk({ chunkType: 'zeros' }), /invalid or overlapping/],
    ['a chunk inside a gzip member', { entries: (all) => all.map(inside) }, /the gzip stream cannot be decoded/],
    ['another version', { fields: (all) => ({ ...all, version: 2 }) }, /does not have version 1/],
    ['a field in another case', { fields: (all) => ({ ...all, Entries: [] }) }, /has the field "Entries"/],
    ['two lists of entries', { text: (text) => text.replace(/\}$/, ',"entries":[]}') }, /"entries" occurs twice/],
    ['an invalid table', { text: (text) => text.slice(0, -1) }, /table of contents/],
    ['no footer', { blob: (blob) => Buffer.concat([blob.subarray(0, -51), gzipSync('')]) }, /no eStargz footer/],
    ['a table in another image', footer((at) => stargzFooter(at, 'STARGZEXTERNALTOC')), /is in another image/],
    ['a footer with another text', footer((at) => stargzFooter(at, 'STARGS')), /no eStargz footer/],
    ['a table beyond the layer', footer(() => stargzFooter(2 ** 40)), /places the table of contents outside/],
    ['a table at an inexact position', footer((at) => stargzFooter(at + 2 ** 54)), /outside|beyond/],
    ['a table at the start', footer(() => stargzFooter(0)), /places the table of contents outside/],
    ['a table elsewhere', footer((at) => stargzFooter(at - 1)), /table of contents/],
  ])('%s', async (_, options, reason) => {
    const source = layerOf(MEMBERS, options);
    const reading = await reader.read(source);
    expect(reading.isInParts).toBeUndefined();
    expect(unpackContents(reading.contents).entries).toEqual(ENTRIES);
    expect(unpackContents(reading.marked!).partsRefused).toMatch(reason);
  });
});

describe('a layer of stargz-snapshotter is not read in part beyond limits', () => {
  const deep = Array.from({ length: 20 }, (_, at) => ({ type: 'dir', name: `${at}/${'a/'.repeat(8000)}` }));
  it.each<[string, StargzOptions, Partial<PartLimits>, RegExp]>([
    ['with a larger table of contents', {}, { maxTocBytes: 1000 }, /table of contents exceeds 1000 bytes/],
    ['with a larger table in zstd', { format: 'zstd' }, { maxTocBytes: 1000 }, /table of contents exceeds 1000 bytes/],
    ['with a larger compressed table', {}, { maxPackedBytes: 100 }, /exceeds 100 compressed bytes/],
    ['with more entries', {}, { maxTocEntries: 3 }, /more than 3 entries/],
    ['with a larger chunk of a wanted file', {}, { maxChunkBytes: 1000 }, /a part of a file exceeds 1000 bytes/],
    [
      'with more directories in directories',
      { entries: (all) => [...all, ...deep] },
      {},
      /has too many deep directories/,
    ],
  ])('%s', async (_, options, partLimits, message) => {
    await expect(readPartsOfLayer(layerOf(MEMBERS, options), DETECTORS, { partLimits })).rejects.toMatchObject({
      code: 'bytes/limit-exceeded',
      message: expect.stringMatching(message),
    });
  });

  it.each<[string, PartsSource]>([
    [
      'smaller than a footer',
      partsSource({ blob: gzipSync(''), annotations: { [DIGEST]: PACKED_DIGEST } }, Buffer.from(''), 'any'),
    ],
    ['of which the first request is a large part', layerOf([RELEASE, STATUS])],
  ])('but as a whole if it is %s', async (_, source) => {
    expect(await readPartsOfLayer(source, DETECTORS)).toBeUndefined();
    expect(source.requested).toEqual([]);
  });
});
