import { describe, expect, it } from 'vitest';
import { noise } from '../../bytes/testing/noise.ts';
import { type Member, pax, tarOf } from '../../bytes/testing/tar-builder.ts';
import { ClairError } from '../../errors.ts';
import { DETECTORS } from '../detectors/index.ts';
import { information } from '../detectors/libraries/golang/testing/go-program.ts';
import { elfFile } from '../detectors/libraries/executables/testing/elf-file.ts';
import type { LayerContents } from '../layer/layer-contents.ts';
import { createLayerReader } from '../layer/layer-reader.ts';
import { unpackContents } from '../layer/packed-contents.ts';
import { type PartsSource, partsSource } from './testing/parts-source.ts';
import { type Forgery, type WrittenEntry, zstdChunked } from './testing/zstd-chunked.ts';

const MIB = 1024 * 1024;
const reader = createLayerReader(DETECTORS);

const NOISE = noise(1.5 * MIB);
const MODEL: Member = { name: 'models/weights.bin', content: NOISE };
const RELEASE: Member = { name: 'etc/os-release', content: 'ID=debian\nVERSION_ID=12\n' };
const STATUS: Member = {
  name: 'var/lib/dpkg/status',
  content: 'Package: a\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n',
};
const GO = elfFile([information()]);

async function contentsOf(source: PartsSource): Promise<LayerContents> {
  const { contents } = await reader.read(source);
  return unpackContents(contents);
}

/** Returns the contents of the whole layer. */
async function wholeContents({ where, digest, diffId, open }: PartsSource): Promise<LayerContents> {
  return unpackContents((await reader.read({ where, digest: digest!, diffId: diffId!, open })).contents);
}

function layerOf(members: readonly Member[], forgery?: Forgery): PartsSource {
  const tar = tarOf(...members);
  return partsSource(zstdChunked(tar, forgery), tar);
}

describe('a layer of which parts are fetched has the contents of the whole layer', () => {
  it.each<[string, readonly Member[]]>([
    ['with a package database behind a large file', [RELEASE, MODEL, STATUS]],
    ['with a large file only', [MODEL]],
    ['with a Go program without an executable bit', [MODEL, { name: 'opt/tool', content: GO }]],
    [
      'with a large Go program without an executable bit',
      [MODEL, { name: 'opt/tool', content: Buffer.concat([GO, NOISE.subarray(0, MIB / 4)]) }],
    ],
    ['with files of zeros', [MODEL, { name: 'swap', content: Buffer.alloc(3 * MIB) }, STATUS]],
    [
      'with zeros in a package database',
      [MODEL, { ...STATUS, content: `${String(STATUS.content)}\n${'\0'.repeat(5000)}` }],
    ],
    [
      'with whiteouts',
      [MODEL, { name: 'var/lib/dpkg/.wh.status' }, { name: 'opt/.wh..wh..opq' }, { name: 'etc/.wh.os-release' }],
    ],
    [
      'with links',
      [
        MODEL,
        { name: 'var/lib/dpkg', type: '2', link: '/data' },
        { name: 'data/status', content: String(STATUS.content) },
        { name: 'etc/os-release', type: '1', link: 'usr/lib/os-release' },
        { name: 'usr/lib/os-release', type: '2', link: '../nowhere' },
      ],
    ],
    [
      'with paths in other forms',
      [MODEL, { ...RELEASE, name: './etc//os-release' }, { ...STATUS, name: '/var/lib/dpkg/status' }],
    ],
    ['with names that lead out of the root', [MODEL, { name: '../../etc/passwd', content: 'x' }, STATUS]],
    [
      'with long names',
      [MODEL, pax({ path: `${'d/'.repeat(100)}package.json` }), { name: 'x', content: '{"name":"a","version":"1"}' }],
    ],
    [
      'with devices and empty files',
      [MODEL, { name: 'dev/null', type: '3' }, { name: 'dev/fifo', type: '6' }, { name: 'empty' }],
    ],
  ])('%s', async (_, members) => {
    const source = layerOf(members);
    const { parts, ...contents } = await contentsOf(source);
    expect(contents).toEqual(await wholeContents(source));
    const fetched = source.requested.reduce((sum, { start, end }) => sum + end - start, 0);
    expect(parts).toEqual({ fetched, size: source.parts!.size });
    expect(fetched).toBeLessThan(0.75 * source.parts!.size);
  });

  it('merges the requests of adjacent files', async () => {
    const small = Array.from({ length: 50 }, (_, at) => ({
      name: `app/${at}/package.json`,
      content: `{"name":"p${at}","version":"1"}`,
    }));
    const source = layerOf([...small, MODEL, STATUS]);
    await contentsOf(source);
    // One request for the documents, one for the files before the large file and its start, and one for the files after
    // it.
    expect(source.requested).toHaveLength(3);
  });

  it('and is read as a whole if that saves little', async () => {
    const source = layerOf([
      STATUS,
      { name: 'opt/tool', content: Buffer.concat([GO, NOISE]), patch: { at: 100, bytes: '0000755' } },
    ]);
    const reading = await reader.read(source);
    expect([reading.isInParts, reading.marked]).toEqual([undefined, undefined]);
    expect(unpackContents(reading.contents)).toEqual(await wholeContents(source));
    expect(source.requested).toHaveLength(1);
  });
});

/** Changes the entries with a name. */
const changed = (name: string, change: WrittenEntry): Forgery => ({
  entries: (entries) => entries.map((each) => (each['name'] === name ? { ...each, ...change } : each)),
});

const LINKED: readonly Member[] = [
  RELEASE,
  MODEL,
  STATUS,
  { name: 'etc/link', type: '2', link: 'os-release' },
  { name: 'etc/hard', type: '1', link: 'etc/os-release' },
];
const LINKED_CONTENTS = await wholeContents(layerOf(LINKED));

const PREFIX = 'io.github.containers.zstd-chunked';
const STATUS_NAME = 'var/lib/dpkg/status';

describe('a layer that cannot be read in part is read as a whole, with a diagnostic', () => {
  const other = `sha256:${'0'.repeat(64)}`;
  it.each<[string, Forgery, RegExp]>([
    [
      'a file has another digest',
      changed(STATUS_NAME, { digest: other }),
      /a part of a file has digest sha256:\w+ instead of sha256:0+/,
    ],
    ['a file has no digest', changed(STATUS_NAME, { digest: undefined }), /has no valid SHA-256 digest of "var/],
    [
      'a file has a digest of another algorithm',
      changed(STATUS_NAME, { digest: `md5:${'0'.repeat(32)}` }),
      /has no valid SHA-256 digest/,
    ],
    ['a file has a second digest', changed(STATUS_NAME, { Digest: other }), /has an invalid entry/],
    ['a file has a second offset', changed(STATUS_NAME, { OFFſET: 0 }), /has an invalid entry/],
    ['the table has a second list', { fields: (all) => ({ ...all, Entries: [] }) }, /has the field "Entries"/],
    [
      'the tar-split has a second payload',
      { tarSplit: (lines) => lines.map((line) => line.replace('"payload"', '"Payload":"","payload"')) },
      /the tar-split is invalid/,
    ],
    ['a file has another size', changed(STATUS_NAME, { size: 3 }), /differ in "var\/lib\/dpkg\/status"/],
    ['a file has another type', changed(STATUS_NAME, { type: 'fifo', size: 0 }), /differ in/],
    ['a link has another target', changed('etc/link', { linkName: 'passwd' }), /differ in "etc\/link"/],
    ['a hard link has another target', changed('etc/hard', { linkName: 'passwd' }), /differ in "etc\/hard"/],
    ['a size has a fraction', changed(STATUS_NAME, { size: 3.5 }), /has an invalid entry/],
    ['an offset is negative', changed(STATUS_NAME, { offset: -1 }), /has an invalid entry/],
    ['an offset is beyond 2^53', changed(STATUS_NAME, { offset: 2 ** 60 }), /has an invalid entry/],
    [
      'a file lies beyond the data',
      changed(STATUS_NAME, { endOffset: 2 ** 40 }),
      /has invalid or overlapping chunks of/,
    ],
    ['a file lies over another file', changed(STATUS_NAME, { offset: 10 }), /has invalid or overlapping chunks of/],
    ['a chunk has no known type', changed(STATUS_NAME, { chunkType: 'ones' }), /has invalid or overlapping chunks of/],
    [
      'a file of zeros has another digest',
      changed(STATUS_NAME, { chunkType: 'zeros' }),
      /a range of zeros in a file has digest/,
    ],
    [
      'the only chunk of a file has another digest',
      changed(STATUS_NAME, { chunkDigest: other }),
      /has invalid or overlapping chunks of/,
    ],
    ['a file has an unknown type', changed('etc/link', { type: 'door' }), /unknown type "door"/],
    [
      'chunks leave a gap',
      { entries: (all) => all.filter((_, at) => at !== 3) },
      /has invalid or overlapping chunks of "models\/weights.bin"/,
    ],
    ['a chunk has no file', { entries: (all) => [{ type: 'chunk', name: 'x' }, ...all] }, /has a chunk without a file/],
    ['a name is listed twice', { entries: (all) => [...all, all[0]!] }, /lists "etc\/os-release" twice/],
    ['a member is missing in the table', { entries: (all) => all.slice(0, -1) }, /differ in/],
    ['the table has another member', { entries: (all) => [...all, { type: 'dir', name: 'x' }] }, /differ in "x"/],
    [
      'the table has another order',
      { entries: (all) => all.toReversed().toSorted((one) => (one['type'] === 'symlink' ? -1 : 0)) },
      /differ in|chunk without/,
    ],
    ['the table has another name', changed('etc/link', { name: 'etc/lin\ufffd' }), /differ in/],
    ['the table is of another version', { fields: (all) => ({ ...all, version: 2 }) }, /does not have version 1/],
    [
      'the table has no digest of the tar-split',
      { fields: (all) => ({ ...all, tarSplitDigest: undefined }) },
      /states no digest of the tar-split/,
    ],
    [
      'the tar-split has another digest',
      { fields: (all) => ({ ...all, tarSplitDigest: other }) },
      /the tar-split has digest/,
    ],
    ['the table is no JSON', { fields: () => 'x' as never }, /table of contents/],
    [
      'a member is missing in the tar-split',
      { tarSplit: (lines) => [...lines.slice(0, 2), ...lines.slice(4)] },
      /differ in/,
    ],
    ['the tar-split hides a member in bytes', { tarSplit: (lines) => lines.filter((_, at) => at !== 1) }, /differ in/],
    ['the tar-split is truncated', { tarSplit: (lines) => lines.slice(0, -2) }, /differ in/],
    ['the tar-split is not JSON', { tarSplit: () => ['x'] }, /the tar-split is invalid/],
    [
      'the tar-split has names that are not UTF-8',
      { tarSplit: (lines) => lines.map((line) => line.replace('"name"', '"name_raw"')) },
      /the tar-split is invalid/,
    ],
    [
      'the table has another digest',
      { annotations: (all) => ({ ...all, [`${PREFIX}.manifest-checksum`]: other }) },
      /the table of contents has digest/,
    ],
    [
      'the annotations have no position',
      { annotations: (all) => ({ ...all, [`${PREFIX}.manifest-position`]: undefined }) },
      /position of the table of contents is invalid/,
    ],
    [
      'the table is larger than stated',
      {
        annotations: (all) => ({
          ...all,
          [`${PREFIX}.manifest-position`]: all[`${PREFIX}.manifest-position`]!.replace(/\d+:1$/, '9:1'),
        }),
      },
      /larger than the stated 9 bytes/,
    ],
    [
      'the table is too large',
      {
        annotations: (all) => ({
          ...all,
          [`${PREFIX}.manifest-position`]: all[`${PREFIX}.manifest-position`]!.replace(/\d+:1$/, '999999999:1'),
        }),
      },
      /exceeds 157286400 bytes/,
    ],
    [
      'the table is beyond the layer',
      { annotations: (all) => ({ ...all, [`${PREFIX}.manifest-position`]: '9:99999999:9:1' }) },
      /beyond the end of the layer/,
    ],
    [
      'there is no tar-split',
      { annotations: (all) => ({ ...all, [`${PREFIX}.tarsplit-position`]: undefined }) },
      /the layer has no tar-split/,
    ],
    [
      'there are two tables',
      { annotations: (all) => ({ ...all, 'containerd.io/snapshot/stargz/toc.digest': other }) },
      /name two tables of contents/,
    ],
  ])('%s', async (_, forgery, reason) => {
    const source = layerOf(LINKED, forgery);
    const reading = await reader.read(source);
    expect(unpackContents(reading.contents)).toEqual(LINKED_CONTENTS);
    const { partsRefused, ...contents } = unpackContents(reading.marked!);
    expect(contents).toEqual(LINKED_CONTENTS);
    expect(partsRefused).toMatch(reason);
    expect(partsRefused).not.toContain(source.where);
    expect(reading).toMatchObject({ digest: source.digest, diffId: source.diffId });
    expect(reading.isInParts).toBeUndefined();
  });
});

const LARGE_STATUS = `${String(STATUS.content)}Description: ${NOISE.toString('hex', 0, 100_000)}\n\n`;
const SCRIPT: Member = {
  name: 'opt/run',
  content: `#!/bin/sh\n${LARGE_STATUS}`,
  patch: { at: 100, bytes: '0000755' },
};
const LARGE: readonly Member[] = [
  MODEL,
  { ...STATUS, content: LARGE_STATUS },
  SCRIPT,
  { name: 'var/lib/dpkg/status.d/x', content: `${String(STATUS.content)}${'\0'.repeat(5000)}\n` },
];
const LARGE_CONTENTS = await wholeContents(layerOf(LARGE));

describe('a layer with files of several chunks is read as a whole', () => {
  const other = `sha256:${'0'.repeat(64)}`;
  it.each<[string, Forgery, RegExp]>([
    [
      'if a wanted file has another digest than its chunks together',
      {
        entries: (all) =>
          all.map((each) => (each['name'] === STATUS_NAME && 'size' in each ? { ...each, digest: other } : each)),
      },
      /file "var\/lib\/dpkg\/status" has digest sha256:\w+ instead of sha256:0+/,
    ],
    [
      'if an executable file has another digest, even if its start is not that of a program',
      {
        entries: (all) =>
          all.map((each) => (each['name'] === 'opt/run' && 'size' in each ? { ...each, digest: other } : each)),
      },
      /file "opt\/run" has digest/,
    ],
    [
      'if a chunk has another digest',
      {
        entries: (all) =>
          all.map((each) =>
            each['name'] === STATUS_NAME && each['type'] === 'chunk' ? { ...each, chunkDigest: other } : each,
          ),
      },
      /a part of a file has digest/,
    ],
    [
      'if a chunk has no digest',
      {
        entries: (all) =>
          all.map((each) =>
            each['name'] === STATUS_NAME && each['type'] === 'chunk' ? { ...each, chunkDigest: undefined } : each,
          ),
      },
      /a part of a file has no SHA-256 digest/,
    ],
    [
      'if a chunk of zeros has another digest',
      { entries: (all) => all.map((each) => (each['chunkType'] === 'zeros' ? { ...each, chunkDigest: other } : each)) },
      /a range of zeros in a file has digest/,
    ],
  ])('%s', async (_, forgery, reason) => {
    const reading = await reader.read(layerOf(LARGE, forgery));
    expect(unpackContents(reading.contents)).toEqual(LARGE_CONTENTS);
    expect(unpackContents(reading.marked!).partsRefused).toMatch(reason);
  });

  it('only for such reasons', async () => {
    const { parts, ...contents } = await contentsOf(layerOf(LARGE));
    expect(parts).toBeDefined();
    expect(contents).toEqual(LARGE_CONTENTS);
  });
});

it('trusts a table of contents that agrees with the tar-split, and marks the contents as read in part', async () => {
  const clean = Buffer.from(String(STATUS.content).replace('Package: a', 'Package: b'));
  const source = layerOf([MODEL, STATUS], { hidden: { [STATUS_NAME]: clean } });
  const reading = await reader.read(source);
  const { parts, ...contents } = unpackContents(reading.contents);
  expect([reading.isInParts, parts?.size]).toEqual([true, source.parts!.size]);
  expect(contents).not.toEqual(await wholeContents(source));
  expect(contents).toEqual(await wholeContents(layerOf([MODEL, { ...STATUS, content: clean }])));
});

it('reads a layer with the log of a database as a whole, because the log needs the whole layer', async () => {
  const database = { name: 'var/lib/rpm/rpmdb.sqlite', content: 'SQLite format 3' };
  const source = layerOf([MODEL, database, { name: 'var/lib/rpm/rpmdb.sqlite-wal', content: 'log' }]);
  const reading = await reader.read(source);
  expect([reading.isInParts, reading.marked]).toEqual([undefined, undefined]);
  expect(unpackContents(reading.contents)).toEqual(await wholeContents(source));
});

it('stores no address of a registry in the reason', async () => {
  const source = layerOf([MODEL, STATUS]);
  const read = async (): Promise<never> => {
    throw new ClairError('bytes/unreachable', 'https://bucket.example/private responded with status 503');
  };
  const { marked } = await reader.read({ ...source, parts: { ...source.parts!, read } });
  expect(unpackContents(marked!).partsRefused).toBe('the registry did not send a requested part (bytes/unreachable)');
});
