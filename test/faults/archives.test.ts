import { Readable } from 'node:stream';
import { createGzip, gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import lzma from 'lzma-native';
import { describe, expect, it } from 'vitest';

import type { ByteStream } from '../../src/bytes/byte-stream.ts';
import { ClairError } from '../../src/errors.ts';
import { DETECTORS } from '../../src/worker/detectors/index.ts';
import type { LayerReading } from '../../src/worker/layer/layer-contents.ts';
import { readLayer, type ReadLayerOptions } from '../../src/worker/layer/layer-reader.ts';
import { bzip2 } from '../../src/bytes/testing/bzip2-encoder.ts';
import { gzipBomb } from '../../src/bytes/testing/gzip-bomb.ts';
import {
  allOf,
  base256,
  END,
  gnuLong,
  inChunks,
  type Member,
  pax,
  tarHeader,
  tarMember,
  tarOf,
  withoutEnd,
} from '../../src/bytes/testing/tar-builder.ts';

/**
 * A broken or hostile layer, with its error code and message. The limits are the defaults unless the case sets limits.
 * After each case, the process must read a valid layer.
 */
type Case = {
  readonly name: string;
  readonly bytes: () => ByteStream;
  readonly code: string;
  readonly message: RegExp;
  readonly options?: ReadLayerOptions;
};

const OS_RELEASE = 'ID=debian\nVERSION_ID="12"\n';
const STATUS = `Package: bash\nStatus: install ok installed\nVersion: 5.2.15-2\nArchitecture: amd64\n\n`;
const GOOD_MEMBERS: readonly Member[] = [
  { name: 'etc/os-release', content: OS_RELEASE },
  { name: 'var/lib/dpkg/status', content: STATUS },
  { name: 'usr/bin/bash', content: 'ELF'.repeat(5000) },
];
const GOOD = tarOf(...GOOD_MEMBERS);
const GZIP = gzipSync(GOOD);
const XZ = await allOf(lzma.createCompressor({ preset: 0 }).end(GOOD));
const BZIP2 = bzip2(GOOD, { blockBytes: 4000 });

const MEMBERS = 100_000;
const GIB = 1024 ** 3;

const CASES: readonly Case[] = [
  {
    name: 'a truncated gzip',
    bytes: () => inChunks(GZIP.subarray(0, GZIP.length - 20)),
    code: 'bytes/truncated',
    message: /the gzip stream ends too early/,
  },
  {
    name: 'a truncated xz',
    bytes: () => inChunks(XZ.subarray(0, XZ.length - 20)),
    code: 'bytes/truncated',
    message: /the xz stream ends too early/,
  },
  {
    name: 'a truncated bzip2',
    bytes: () => inChunks(BZIP2.subarray(0, BZIP2.length - 20)),
    code: 'bytes/truncated',
    message: /the bzip2 stream ends too early/,
  },
  {
    name: 'a bzip2 whose second stream is truncated',
    bytes: () => inChunks(Buffer.concat([bzip2(GOOD), BZIP2.subarray(0, 100)])),
    code: 'bytes/truncated',
    message: /the bzip2 stream ends too early/,
  },
  {
    name: 'a bzip2 with a wrong checksum of a block',
    bytes: () => inChunks(bzip2(GOOD, { wrong: { blockChecksum: 0x100 } })),
    code: 'bytes/corrupt',
    message: /the bzip2 stream cannot be decoded: the checksum of a block is wrong/,
  },
  {
    name: 'a bzip2 with a wrong checksum of all blocks',
    bytes: () => inChunks(bzip2(GOOD, { wrong: { streamChecksum: 0x100 } })),
    code: 'bytes/corrupt',
    message: /the bzip2 stream cannot be decoded: the checksum of a stream is wrong/,
  },
  {
    name: 'a bzip2 with a randomised block',
    bytes: () => inChunks(bzip2(GOOD, { wrong: { randomised: true } })),
    code: 'bytes/unsupported-compression',
    message: /the bzip2 stream has a randomised block/,
  },
  {
    name: 'a gzip with a flipped bit',
    bytes: () => inChunks(flipped(GZIP, GZIP.length >> 1)),
    code: 'bytes/corrupt',
    message: /the gzip stream cannot be decoded/,
  },
  {
    name: 'a tar that ends in a header',
    bytes: () => inChunks(GOOD.subarray(0, 1024 + 100)),
    code: 'bytes/truncated',
    message: /the archive ends inside a header/,
  },
  {
    name: 'a tar that ends in a body',
    bytes: () => inChunks(GOOD.subarray(0, 2560 + 100)),
    code: 'bytes/truncated',
    message: /the archive ends inside member "usr\/bin\/bash"/,
  },
  {
    name: 'a tar that ends in a PAX header',
    bytes: () => inChunks(tarMember(pax({ path: 'a'.repeat(600) })).subarray(0, 900)),
    code: 'bytes/truncated',
    message: /the archive ends inside a PAX header/,
  },
  {
    name: 'a tar with a wrong checksum',
    bytes: () => inChunks(flipped(GOOD, 1024 + 5)),
    code: 'bytes/corrupt',
    message: /the header at byte 1024 is damaged: wrong checksum/,
  },
  {
    name: 'a bomb of zeros',
    bytes: () => inChunks(gzipBomb(tarHeader({ name: 'zeros', size: 700 * 1024 ** 2 }), 700)),
    code: 'bytes/limit-exceeded',
    message: /\d+ compressed bytes expand to more than 500 times their size/,
  },
  {
    name: 'a bomb of zeros in bzip2',
    bytes: () => zerosInBzip2(700),
    code: 'bytes/limit-exceeded',
    message: /\d+ compressed bytes expand to more than 500 times their size/,
  },
  {
    name: 'one member more than the limit',
    bytes: () => manyMembers('usr/share/doc/', MEMBERS),
    options: { limits: { maxEntries: MEMBERS - 1 } },
    code: 'bytes/limit-exceeded',
    message: /member "usr\/share\/doc\/99999": the archive has more than 99999 members/,
  },
  {
    name: 'too many wanted files',
    bytes: () => manyMembers('var/lib/dpkg/status.d/', MEMBERS),
    code: 'bytes/limit-exceeded',
    message: /more than 50000 members have paths that detectors read/,
  },
  {
    name: 'too many whiteouts of wanted files',
    bytes: () => manyMembers('var/lib/dpkg/status.d/.wh.', MEMBERS),
    code: 'bytes/limit-exceeded',
    message: /more than 50000 members have paths that detectors read/,
  },
  {
    name: 'a GNU name of 1 MiB',
    bytes: () => inChunks(tarOf(gnuLong('L', 'a'.repeat(1024 ** 2)), { name: 'cut' })),
    code: 'bytes/limit-exceeded',
    message: /a GNU long name is 1048577 bytes long; the limit is 65537/,
  },
  {
    name: 'a PAX name of almost 1 MiB',
    bytes: () => inChunks(tarOf(pax({ path: 'a'.repeat(1_000_000) }), { name: 'cut' })),
    code: 'bytes/limit-exceeded',
    message: /the PAX header at byte 0: a name is longer than 65536 bytes/,
  },
  {
    name: 'a PAX header of 4 GiB',
    bytes: () => inChunks(tarHeader({ name: 'x', type: 'x', size: 4 * GIB })),
    code: 'bytes/limit-exceeded',
    message: /a PAX header is 4294967296 bytes long; the limit is 1048576/,
  },
  {
    name: 'a wanted file that declares 1 TiB',
    bytes: () => inChunks(tarHeader({ name: 'var/lib/dpkg/status', size: 1024 * GIB })),
    code: 'bytes/limit-exceeded',
    message: /member "var\/lib\/dpkg\/status": the files to read exceed \d+ bytes/,
  },
  {
    name: 'another file that declares 1 TiB and is empty',
    bytes: () => inChunks(tarHeader({ name: 'usr/bin/bash', size: 1024 * GIB })),
    code: 'bytes/truncated',
    message: /the archive ends inside member "usr\/bin\/bash"/,
  },
  {
    name: 'a size out of range',
    bytes: () => inChunks(tarOf(withSize(base256(2n ** 62n)))),
    code: 'bytes/limit-exceeded',
    message: /the header at byte 0: the size exceeds 2\^53 - 1 bytes/,
  },
  {
    name: 'a negative size',
    bytes: () => inChunks(tarOf(withSize(base256(-512n)))),
    code: 'bytes/corrupt',
    message: /the header at byte 0: the size is negative/,
  },
  {
    name: 'junk',
    bytes: () => inChunks(Buffer.from(Array.from({ length: 5000 }, (_, index) => (index * 7919 + 13) % 251))),
    code: 'bytes/corrupt',
    message: /not a tar archive/,
  },
  {
    name: 'a page of HTML',
    bytes: () => inChunks(Buffer.from('<!DOCTYPE html><title>502 Bad Gateway</title>'.repeat(40))),
    code: 'bytes/corrupt',
    message: /not a tar archive/,
  },
  {
    name: 'a short page of HTML',
    bytes: () => inChunks(Buffer.from('<!DOCTYPE html><title>502 Bad Gateway</title>')),
    code: 'bytes/corrupt',
    message: /the input has 45 bytes, too few for a tar archive/,
  },
];

describe('an unreadable layer causes an error with the problem and the place', () => {
  it.each(CASES)('$name: $code', async ({ bytes, code, message, options }) => {
    const error: unknown = await read(bytes(), options).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ClairError);
    expect(error).toMatchObject({ code, message: expect.stringMatching(/^layers\/sick\.tar: /) });
    expect(error).toMatchObject({ message: expect.stringMatching(message) });
    await expectGoodLayer();
  });
});

describe('an unusual layer is read', () => {
  it.each([
    ['of no bytes', Buffer.alloc(0)],
    ['of no bytes in bzip2', bzip2(Buffer.alloc(0))],
  ])('%s', async (_, bytes) => {
    const { contents } = await read(inChunks(bytes));
    expect(contents).toEqual({ whiteouts: [], opaque: [], entries: [], outside: 0 });
  });

  it('in several bzip2 streams, one per tar block', async () => {
    const blocks = Array.from({ length: GOOD.length / 512 }, (_, at) => bzip2(GOOD.subarray(at * 512, (at + 1) * 512)));
    const { contents } = await read(inChunks(Buffer.concat(blocks), 100));
    expect(contents.entries.map(({ path }) => path)).toEqual(['etc/os-release', 'var/lib/dpkg/status']);
  });

  it('with names outside the root, which are ignored and counted', async () => {
    const evil: Member = { name: '../../etc/os-release', content: 'ID=evil' };
    const { contents } = await read(inChunks(withoutEnd(evil, evil, GOOD)));
    expect(contents.outside).toBe(2);
    expect(contents.entries.map(({ path }) => path)).toEqual(['etc/os-release', 'var/lib/dpkg/status']);
  });

  it('with 100,000 members', async () => {
    const { contents } = await read(manyMembers('usr/share/doc/', MEMBERS));
    expect(contents.entries).toEqual([]);
  });

  it('that expands to many zeros within the limits', async () => {
    const { diffId } = await read(zeros(100).pipe(createGzip({ level: 9 })));
    expect(diffId).toMatch(/^sha256:/);
  });
});

describe('a layer damaged at any byte', () => {
  const mutations = fc.array(fc.tuple(fc.nat(GZIP.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });

  it.each([
    ['plain', GOOD],
    ['gzip', GZIP],
    ['xz', XZ],
    ['bzip2', BZIP2],
  ])('returns contents or a ClairError: %s', async (_, bytes) => {
    await fc.assert(
      fc.asyncProperty(mutations, fc.option(fc.nat(bytes.length)), async (changes, end) => {
        const damaged = Buffer.from(bytes.subarray(0, end ?? bytes.length));
        // Changes are spread over the whole archive.
        for (const [at, byte] of changes) damaged[Math.floor((at / GZIP.length) * damaged.length)] = byte;
        const outcome: unknown = await read(inChunks(damaged, 1000)).catch((error: unknown) => error);
        expect(isReadingOrClairError(outcome)).toBe(true);
      }),
      { numRuns: 300 },
    );
    await expectGoodLayer();
  });

  it('also when the checksum of the changed header is valid', async () => {
    const field = fc.uint8Array({ minLength: 1, maxLength: 24 });
    const type = fc.constantFrom('0', '1', '2', '5', 'L', 'K', 'x', 'g', 'S', 'V');
    await fc.assert(
      fc.asyncProperty(type, fc.integer({ min: 0, max: 500 }), field, async (flag, at, bytes) => {
        const content = '2\n10\n2\n20 path=etc/passwd\n';
        const strange = { name: 'etc/os-release', type: flag, content, patch: { at, bytes: Buffer.from(bytes) } };
        const outcome: unknown = await read(inChunks(tarOf(strange, ...GOOD_MEMBERS))).catch((error: unknown) => error);
        expect(isReadingOrClairError(outcome)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

function isReadingOrClairError(outcome: unknown): boolean {
  return outcome instanceof ClairError || (outcome instanceof Object && 'contents' in outcome);
}

async function read(bytes: ByteStream, options?: ReadLayerOptions): Promise<LayerReading> {
  return await readLayer({ where: 'layers/sick.tar', open: async () => bytes }, DETECTORS, options);
}

async function expectGoodLayer(): Promise<void> {
  const { contents } = await readLayer({ where: 'layers/good.tar.gz', open: async () => inChunks(GZIP) }, DETECTORS);
  expect(contents.entries).toMatchObject([
    { kind: 'file', path: 'etc/os-release', facts: { release: { ID: 'debian' } } },
    { kind: 'file', path: 'var/lib/dpkg/status', facts: { packages: [{ name: 'bash' }] } },
  ]);
}

async function* manyMembers(prefix: string, count: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < count; at += 1000) {
    yield withoutEnd(...Array.from({ length: 1000 }, (_, index) => ({ name: `${prefix}${at + index}` })));
  }
  yield END;
}

function withSize(field: Buffer): Member {
  return { name: 'etc/os-release', patch: { at: 124, bytes: field } };
}

function flipped(bytes: Buffer, at: number): Buffer {
  const damaged = Buffer.from(bytes);
  damaged.writeUInt8(damaged.readUInt8(at) ^ 0x10, at);
  return damaged;
}

function zeros(mebibytes: number): Readable {
  const block = Buffer.alloc(1024 ** 2);
  return Readable.from([
    tarHeader({ name: 'zeros', size: mebibytes * block.length }),
    ...Array.from({ length: mebibytes }, () => block),
    END,
  ]);
}

async function* zerosInBzip2(mebibytes: number): AsyncGenerator<Uint8Array> {
  const block = Buffer.alloc(1024 ** 2);
  const stream = bzip2(block, { blockBytes: block.length });
  yield bzip2(tarHeader({ name: 'zeros', size: mebibytes * block.length }));
  for (let count = 0; count < mebibytes; count++) yield stream;
  yield bzip2(END);
}
