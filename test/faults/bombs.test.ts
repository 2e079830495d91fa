/** Tests archive bombs that archives.test.ts does not contain. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { constants, deflateRawSync, gzipSync } from 'node:zlib';
import lzma from 'lzma-native';
import { describe, expect, it } from 'vitest';
import { compress as zstd } from 'zstd-napi';

import type { ByteStream } from '../../src/bytes/byte-stream.ts';
import { DETECTORS } from '../../src/worker/detectors/index.ts';
import type { LayerReading } from '../../src/worker/layer/layer-contents.ts';
import { readLayer, type ReadLayerOptions } from '../../src/worker/layer/layer-reader.ts';
import { openImage } from '../../src/worker/sources/target.ts';
import { bzip2 } from '../../src/bytes/testing/bzip2-encoder.ts';
import {
  allOf,
  gnuLong,
  inChunks,
  pax,
  tarHeader,
  tarMember,
  tarOf,
  withoutEnd,
} from '../../src/bytes/testing/tar-builder.ts';
import { zipOf } from '../../src/bytes/testing/zip-builder.ts';
import { localDocuments } from '../../src/updater/feed/local-documents.ts';

const GIB = 1024 ** 3;
const ZEROS = Buffer.alloc(1024 ** 2);
const MEBIBYTES = 700;

const CHUNK_BYTES = 64 * 1024;

/** An xz block header comes after the stream header (.xz file format 1.1.0, sections 2.1.1 and 3.1). */
const XZ_BLOCK = { at: 12, dictionaryAt: 4, checksumAt: 8 } as const;

/** 1.5 GiB in the encoding of LZMA2 (section 5.3.1). */
const HUGE_DICTIONARY = 37;

async function xz(bytes: Buffer): Promise<Buffer> {
  return await allOf(lzma.createCompressor({ preset: 0 }).end(bytes));
}

const EMPTY_XZ = await xz(Buffer.alloc(0));

async function read(bytes: ByteStream, options?: ReadLayerOptions): Promise<LayerReading> {
  return await readLayer({ where: 'layers/bomb.tar', open: async () => bytes }, DETECTORS, options);
}

function manifest(json: string): Buffer {
  return tarOf({ name: 'manifest.json', content: json });
}

/**
 * Returns the checksum that gzip computes for these bytes (RFC 1952, section 2.3.1), because the xz header has a
 * checksum of the same algorithm.
 */
function crc32(bytes: Buffer): number {
  return gzipSync(bytes).readUInt32LE(gzipSync(bytes).length - 8);
}

/** Repeats bytes endlessly, with a turn of the event loop between chunks as for a file. */
async function* endless(bytes: Buffer): AsyncGenerator<Uint8Array> {
  const chunk = Buffer.concat(Array<Buffer>(Math.ceil(CHUNK_BYTES / bytes.length)).fill(bytes));
  for (;;) {
    await setImmediate();
    yield chunk;
  }
}

describe('a bomb of zeros', () => {
  it.each([
    ['zstd', async (bytes: Buffer) => zstd(bytes)],
    ['xz', xz],
  ])('in %s is stopped by its ratio', async (_, compress) => {
    const [header, zeros] = await Promise.all([
      compress(tarHeader({ name: 'zeros', size: MEBIBYTES * ZEROS.length })),
      compress(ZEROS),
    ]);
    await expect(
      read(inChunks(Buffer.concat([header, ...Array<Buffer>(MEBIBYTES).fill(zeros)]))),
    ).rejects.toMatchObject({
      code: 'bytes/limit-exceeded',
      message: expect.stringMatching(/\d+ compressed bytes expand to more than 500 times their size/),
    });
  });

  it('in a zip of documents is stopped by its ratio', async () => {
    // Blocks before the last block may be repeated; an empty block ends the data (RFC 1951, section 3.2.3).
    const zeros = deflateRawSync(ZEROS, { finishFlush: constants.Z_SYNC_FLUSH });
    const deflated = Buffer.concat([...Array<Buffer>(MEBIBYTES).fill(zeros), Buffer.of(3, 0)]);
    const folder = await mkdtemp(join(tmpdir(), 'clair-bomb-'));
    const path = join(folder, 'feed.zip');
    await writeFile(path, zipOf({ name: 'zeros.json', deflated, size: MEBIBYTES * ZEROS.length }));
    const reading = async (): Promise<void> => {
      for await (const { stream } of localDocuments(path)) for await (const _ of stream);
    };
    await expect(reading()).rejects.toMatchObject({
      code: 'bytes/limit-exceeded',
      message: expect.stringMatching(/\d+ compressed bytes expand to more than 500 times their size/),
    });
    await rm(folder, { recursive: true });
  });

  it('in gzip in gzip is not opened', async () => {
    const inner = gzipSync(tarOf({ name: 'var/lib/dpkg/status', content: ZEROS }));
    await expect(read(inChunks(gzipSync(inner)))).rejects.toMatchObject({ code: 'bytes/corrupt' });
  });

  it('in an archive in an archive is not opened', async () => {
    const inner = gzipSync(tarOf({ name: 'var/lib/dpkg/status', content: ZEROS }));
    const { contents } = await read(inChunks(tarOf({ name: 'opt/inner.tar.gz', content: inner })));
    expect(contents.entries).toEqual([]);
  });
});

describe('a small file that declares a large size', () => {
  it.each([
    ['a sparse wanted file of 1 TiB', [pax({ 'GNU.sparse.size': String(1024 * GIB), 'GNU.sparse.map': '0,0' })]],
    ['a PAX size of 1 TiB', [pax({ size: String(1024 * GIB) })]],
  ])('%s is rejected before anything is allocated', async (_, extension) => {
    await expect(read(inChunks(tarOf(...extension, { name: 'etc/os-release' })))).rejects.toMatchObject({
      code: 'bytes/limit-exceeded',
      message: expect.stringMatching(/member "etc\/os-release": the files to read exceed \d+ bytes/),
    });
  });

  it('sparse wanted files of 150 MiB each are refused together', async () => {
    const sparse = pax({ 'GNU.sparse.size': String(150 * ZEROS.length), 'GNU.sparse.map': '0,0' });
    const names = ['a', 'b', 'c', 'd'].map((name) => ({ name: `var/lib/dpkg/status.d/${name}` }));
    await expect(read(inChunks(tarOf(...names.flatMap((name) => [sparse, name]))))).rejects.toMatchObject({
      code: 'bytes/limit-exceeded',
      message: expect.stringMatching(/the files to read exceed 536870912 bytes/),
    });
  });

  it('an xz dictionary of 1.5 GiB is refused', async () => {
    const bytes = await xz(tarOf({ name: 'a' }));
    bytes.writeUInt8(HUGE_DICTIONARY, XZ_BLOCK.at + XZ_BLOCK.dictionaryAt);
    const header = bytes.subarray(XZ_BLOCK.at, XZ_BLOCK.at + XZ_BLOCK.checksumAt);
    bytes.writeUInt32LE(crc32(header), XZ_BLOCK.at + XZ_BLOCK.checksumAt);
    await expect(read(inChunks(bytes))).rejects.toMatchObject({
      code: 'bytes/limit-exceeded',
      message: expect.stringMatching(/the xz stream needs more than 268435456 bytes of memory$/),
    });
  });
});

describe('a sparse file of too many parts', () => {
  const parts = 65_537;
  const sparse = { 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.realsize': '512' };
  const one = Buffer.from(`${'0'.repeat(11)}\0${'0'.repeat(11)}\0`);
  const block = Buffer.alloc(512, Buffer.concat(Array<Buffer>(21).fill(one)));
  block.fill(1, 504);

  it.each([
    [
      'in a PAX header',
      [
        pax({ 'GNU.sparse.size': '512', 'GNU.sparse.map': '0,0,'.repeat(parts).slice(0, -1) }),
        { name: 'etc/os-release' },
      ],
    ],
    ['in the body', [pax(sparse), { name: 'etc/os-release', content: `${parts}\n${'0\n0\n'.repeat(parts)}` }]],
    [
      'in blocks of GNU',
      [
        tarHeader({ name: 'etc/os-release', type: 'S', format: 'gnu', patch: { at: 482, bytes: '1' } }),
        ...Array<Buffer>(Math.ceil(parts / 21)).fill(block),
      ],
    ],
  ])('%s is refused', async (_, members) => {
    await expect(read(inChunks(tarOf(...members)))).rejects.toMatchObject({
      code: 'bytes/limit-exceeded',
      message: expect.stringMatching(/more than 65536 sparse parts/),
    });
  });
});

describe('an image', () => {
  it.each([
    ['of 100,001 files', () => Buffer.alloc(100_001 * 512, tarHeader({ name: 'a' })), 'bytes/limit-exceeded'],
    [
      'with a manifest of a million nested lists',
      () => manifest('['.repeat(1e6) + ']'.repeat(1e6)),
      'image/unreadable',
    ],
    [
      'with a manifest of one byte more than 4 MiB',
      () => manifest('['.padEnd(4 * 1024 ** 2) + ']'),
      'image/unreadable',
    ],
  ])('%s is refused', async (_, bytes, code) => {
    const folder = await mkdtemp(join(tmpdir(), 'clair-bomb-'));
    const path = join(folder, 'image.tar');
    await writeFile(path, bytes());
    await expect(openImage({ kind: undefined, path, tag: undefined })).rejects.toMatchObject({ code });
    await rm(folder, { recursive: true });
  });
});

describe('endless input without output', () => {
  it.each([
    ['empty gzip members', gzipSync('')],
    ['empty zstd frames', zstd(Buffer.alloc(0))],
    ['skippable zstd frames', Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 0, 0, 0, 0])],
    ['empty xz streams', EMPTY_XZ],
    ['empty bzip2 streams', bzip2(Buffer.alloc(0))],
  ])('%s stop at the time limit of a layer', async (_, bytes) => {
    await expect(read(endless(bytes), { limits: { maxMilliseconds: 300 } })).rejects.toMatchObject({
      code: 'bytes/limit-exceeded',
      message: 'layers/bomb.tar: the layer was not read within 0.3 seconds',
    });
  });
});

describe('endless extension headers without a member', () => {
  const kinds: readonly [string, Buffer][] = [
    ['PAX headers', tarMember(pax({ path: 'a'.repeat(1000) }))],
    ['global PAX headers', tarMember(pax({ comment: 'a'.repeat(1000) }, 'g'))],
    ['long GNU names', tarMember(gnuLong('L', 'a'.repeat(1000)))],
    ['long GNU links', withoutEnd(gnuLong('K', 'a'.repeat(1000)))],
  ];

  it.each(kinds)('%s stop at the time limit of a layer', async (_, bytes) => {
    await expect(read(endless(bytes), { limits: { maxMilliseconds: 300 } })).rejects.toMatchObject({
      message: 'layers/bomb.tar: the layer was not read within 0.3 seconds',
    });
  });

  it.each(kinds)('%s stop at the limit of uncompressed bytes', async (_, bytes) => {
    await expect(read(endless(bytes), { limits: { maxUncompressedBytes: 10_000_000 } })).rejects.toMatchObject({
      code: 'bytes/limit-exceeded',
      message: 'layers/bomb.tar: more than 10000000 bytes',
    });
  });
});
