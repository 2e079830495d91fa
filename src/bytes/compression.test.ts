import { gzipSync } from 'node:zlib';
import lzma from 'lzma-native';
import { describe, expect, it, vi } from 'vitest';
import { compress as zstdSync, Compressor } from 'zstd-napi';

import { runsWith } from '../../test/fixtures/run-count.ts';
import { bzip2 } from './testing/bzip2-encoder.ts';
import { allOf, inChunks } from './testing/tar-builder.ts';
import { ClairError } from '../errors.ts';
import type { ByteStream } from './byte-stream.ts';
import { type Compression, decompress, type DecompressOptions } from './compression.ts';

const ALL: readonly Compression[] = ['none', 'gzip', 'xz', 'zstd', 'bzip2'];

const TEXT = Buffer.from(
  Array.from({ length: 6000 }, (_, line) => `YZ line ${line} ${(line * 7919) % 10_007}\n`).join(''),
);
const GZIP = gzipSync(TEXT);
const XZ = await allOf(lzma.createCompressor({ preset: 1 }).end(TEXT));
const ZSTD = zstdSync(TEXT);
/** A skippable frame (RFC 8878 section 3.1.2). */
const SKIPPABLE_FRAME = Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
const BZIP2 = bzip2(TEXT);

async function expand(bytes: ByteStream, options: Partial<DecompressOptions> = {}): Promise<[Compression, Buffer]> {
  const { compression, stream } = await decompress(bytes, { where: 'x.tar', accept: ALL, ...options });
  return [compression, await allOf(stream)];
}

async function failureOf(bytes: ByteStream, options: Partial<DecompressOptions> = {}): Promise<string> {
  const error: unknown = await expand(bytes, options).catch((reason: unknown) => reason);
  return error instanceof ClairError ? `${error.code}: ${error.message}` : `no ClairError: ${String(error)}`;
}

function damagedAt(bytes: Buffer, at: number): Buffer {
  const damaged = Buffer.from(bytes);
  damaged.writeUInt8(damaged.readUInt8(at) ^ 0x55, at);
  return damaged;
}

describe('detects by the first bytes', () => {
  it.each<[string, Buffer, Compression, Buffer]>([
    ['plain', TEXT, 'none', TEXT],
    ['nothing at all', Buffer.alloc(0), 'none', Buffer.alloc(0)],
    ['a tar that starts with a file named like bzip2', Buffer.from('BZh1name'), 'none', Buffer.from('BZh1name')],
    ['gzip', GZIP, 'gzip', TEXT],
    ['gzip of nothing', gzipSync(''), 'gzip', Buffer.alloc(0)],
    ['gzip of two members', Buffer.concat([GZIP, GZIP]), 'gzip', Buffer.concat([TEXT, TEXT])],
    ['gzip with padding', Buffer.concat([GZIP, Buffer.alloc(70_000)]), 'gzip', TEXT],
    ['xz', XZ, 'xz', TEXT],
    ['xz of two streams', Buffer.concat([XZ, XZ]), 'xz', Buffer.concat([TEXT, TEXT])],
    ['xz with padding between', Buffer.concat([XZ, Buffer.alloc(8), XZ]), 'xz', Buffer.concat([TEXT, TEXT])],
    ['zstd', ZSTD, 'zstd', TEXT],
    ['zstd of two frames', Buffer.concat([ZSTD, ZSTD]), 'zstd', Buffer.concat([TEXT, TEXT])],
    [
      'zstd with skippable frames',
      Buffer.concat([SKIPPABLE_FRAME, ZSTD, SKIPPABLE_FRAME, ZSTD, SKIPPABLE_FRAME]),
      'zstd',
      Buffer.concat([TEXT, TEXT]),
    ],
    ['bzip2', BZIP2, 'bzip2', TEXT],
    ['bzip2 of nothing', bzip2(Buffer.alloc(0)), 'bzip2', Buffer.alloc(0)],
    ['bzip2 of two streams', Buffer.concat([BZIP2, BZIP2]), 'bzip2', Buffer.concat([TEXT, TEXT])],
    ['bzip2 with padding', Buffer.concat([BZIP2, Buffer.alloc(70_000)]), 'bzip2', TEXT],
  ])('%s', async (_, bytes, compression, plain) => {
    for (const chunk of [64 * 1024, 997]) {
      const [found, output] = await expand(inChunks(bytes, chunk));
      expect(found).toBe(compression);
      expect(output.equals(plain)).toBe(true);
    }
  });

  it.each([
    ['gzip', GZIP],
    ['xz', XZ],
    ['zstd', ZSTD],
    ['bzip2', BZIP2],
  ])('%s that arrives a few bytes at a time', async (compression, bytes) => {
    async function* dribble(): AsyncGenerator<Uint8Array> {
      yield* inChunks(bytes.subarray(0, 40), 1);
      yield new Uint8Array(0);
      yield bytes.subarray(40);
    }
    const [found, output] = await expand(dribble());
    expect([found, output.equals(TEXT)]).toEqual([compression, true]);
  });

  it('a zstd window of up to 128 MiB', async () => {
    const compressor = new Compressor();
    compressor.setParameters({ windowLog: 27, contentSizeFlag: false });
    expect((await expand(inChunks(compressor.compress(TEXT))))[1].equals(TEXT)).toBe(true);
  });
});

describe('rejects', () => {
  it.each([
    [
      'a format that the caller does not accept',
      XZ,
      ['none', 'gzip'] as const,
      'xz is not supported; supported: none, gzip',
    ],
    [
      'uncompressed bytes where compression is required',
      TEXT,
      ['gzip'] as const,
      'unknown compression; supported: gzip',
    ],
  ])('%s', async (_, bytes, accept, message) => {
    const failure = await failureOf(inChunks(bytes), { accept });
    expect(failure).toBe(`bytes/unsupported-compression: x.tar: ${message}`);
  });

  it.each([
    ['gzip', GZIP],
    ['xz', XZ],
    ['zstd', ZSTD],
    ['bzip2', BZIP2],
  ])('%s truncated anywhere', async (form, bytes) => {
    for (const end of [12, bytes.length >> 1, bytes.length - 1]) {
      const failure = await failureOf(inChunks(bytes.subarray(0, end)));
      expect(failure).toBe(`bytes/truncated: x.tar: the ${form} stream ends too early`);
    }
  });

  it.each([
    ['gzip, in the middle', damagedAt(GZIP, GZIP.length >> 1)],
    ['gzip, in its check value', damagedAt(GZIP, GZIP.length - 6)],
    ['gzip, behind its end', Buffer.concat([GZIP, Buffer.from('junk')])],
    ['xz, in the middle', damagedAt(XZ, XZ.length >> 1)],
    ['xz, in its footer', damagedAt(XZ, XZ.length - 3)],
    ['zstd, in the middle', damagedAt(ZSTD, ZSTD.length >> 1)],
    ['zstd, behind its end', Buffer.concat([ZSTD, Buffer.from('junk')])],
    ['bzip2, in the middle', damagedAt(BZIP2, BZIP2.length >> 1)],
    ['bzip2, in its check value', damagedAt(BZIP2, BZIP2.length - 3)],
    ['bzip2, behind its end', Buffer.concat([BZIP2, Buffer.from('junk')])],
  ])('damaged %s', async (_, bytes) => {
    expect(await failureOf(inChunks(bytes))).toMatch(/^bytes\/corrupt: x\.tar: the \w+ stream cannot be decoded: /);
  });

  it('a zstd window of more than 128 MiB', async () => {
    // A frame of one empty block with a window descriptor of 2^28 (RFC 8878 sections 3.1.1.1 and 3.1.1.2).
    const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, (28 - 10) << 3, 0x01, 0x00, 0x00]);
    expect(await failureOf(inChunks(frame))).toBe(
      'bytes/limit-exceeded: x.tar: the zstd stream has a window of more than 134217728 bytes',
    );
  });
});

describe('bounds of expansion', () => {
  const zeros = gzipSync(Buffer.alloc(4_000_000));
  const limits = { expansionFreeBytes: 1_000_000, maxExpansionRatio: 500 };

  it('stops a decompression bomb', async () => {
    const failure = await failureOf(inChunks(zeros), { limits });
    expect(failure).toMatch(
      /^bytes\/limit-exceeded: x\.tar: \d+ compressed bytes expand to more than 500 times their size$/,
    );
  });

  it.each([
    ['an output within the free bytes', { ...limits, expansionFreeBytes: 4_000_000 }],
    ['a ratio within the bound', { ...limits, maxExpansionRatio: 1030 }],
  ])('accepts %s', async (_, loose) => {
    expect((await expand(inChunks(zeros), { limits: loose }))[1]).toHaveLength(4_000_000);
  });

  it.each([
    ['compressed', GZIP],
    ['plain', TEXT],
  ])('limits the output size: %s', async (_, bytes) => {
    const failure = await failureOf(inChunks(bytes), { limits: { maxUncompressedBytes: 100_000 } });
    expect(failure).toBe('bytes/limit-exceeded: x.tar: more than 100000 bytes');
  });
});

describe('errors and early ends', () => {
  it.each([
    ['none', TEXT],
    ['gzip', GZIP],
    ['xz', XZ],
    ['zstd', ZSTD],
    ['bzip2', BZIP2],
  ])('passes an error of the source unchanged: %s', async (_, bytes) => {
    const lost = new ClairError('bytes/unreachable', 'the connection was lost');
    async function* breaking(): AsyncGenerator<Uint8Array> {
      yield bytes.subarray(0, 1000);
      throw lost;
    }
    await expect(expand(breaking())).rejects.toBe(lost);
  });

  it.each([
    ['none', TEXT],
    ['gzip', GZIP],
    ['xz', XZ],
    ['zstd', ZSTD],
    ['bzip2', BZIP2],
  ])('closes the source when the consumer stops: %s', async (_, bytes) => {
    let closed = false;
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield* inChunks(bytes);
      } finally {
        closed = true;
      }
    }
    const { stream } = await decompress(endless(), { where: 'x.tar', accept: ALL });
    for await (const chunk of stream) if (chunk.length > 0) break;
    await vi.waitFor(() => expect(closed).toBe(true), { interval: 2 });
  });

  it('closes the source of an unsupported format', async () => {
    let closed = false;
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        yield BZIP2;
      } finally {
        closed = true;
      }
    }
    await failureOf(source(), { accept: ['none', 'gzip'] });
    expect(closed).toBe(true);
  });

  it('holds the source back while the consumer waits', async () => {
    let read = 0;
    async function* source(): AsyncGenerator<Uint8Array> {
      for (;;) {
        read += GZIP.length;
        yield GZIP;
      }
    }
    const { stream } = await decompress(source(), { where: 'x.tar', accept: ALL });
    for await (const chunk of stream) {
      expect(chunk.length).toBeGreaterThan(0);
      await new Promise((resolve) => setTimeout(resolve, 30));
      break;
    }
    expect(read).toBeLessThan(5_000_000);
  });

  it('decodes what has arrived from a slow source', async () => {
    const [, expected] = await expand(inChunks(GZIP));
    let decoded = 0;
    async function* slow(): AsyncGenerator<Uint8Array> {
      const middle = GZIP.length / 2;
      yield* inChunks(GZIP.subarray(0, middle), 700);
      await vi.waitFor(() => expect(decoded).toBeGreaterThan(expected.length / 4), { interval: 2 });
      yield* inChunks(GZIP.subarray(middle), 700);
    }
    const { stream } = await decompress(slow(), { where: 'x.tar', accept: ALL });
    for await (const chunk of stream) decoded += chunk.length;
    expect(decoded).toBe(expected.length);
  });

  it('does not wait for a hanging source when the consumer stops', async () => {
    async function* hanging(): AsyncGenerator<Uint8Array> {
      yield GZIP;
      await new Promise(() => undefined);
    }
    const { stream } = await decompress(hanging(), { where: 'x.tar', accept: ALL });
    const chunks = stream[Symbol.asyncIterator]();
    expect(await chunks.next()).toMatchObject({ done: false });
    expect(await chunks.return?.()).toMatchObject({ done: true });
  });

  it('ends with the reason of an aborted signal', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(expand(inChunks(GZIP), { signal })).rejects.toThrow('enough');
  });

  it('ends on an aborted signal when endless input gives no output', async () => {
    const aborted = new AbortController();
    async function* members(): AsyncGenerator<Uint8Array> {
      const empty = gzipSync('');
      for (let count = 0; ; count += 1) {
        if (count === 1000) aborted.abort(new Error('enough'));
        yield empty;
      }
    }
    await expect(expand(members(), { signal: aborted.signal })).rejects.toThrow('enough');
  });
});

describe('with memory that is freed after use', () => {
  const long = Buffer.concat(Array.from({ length: 6 }, () => TEXT));

  /** Yields chunks that each have their own memory, as the chunks of a file do. */
  async function* owned(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += size) yield Uint8Array.from(bytes.subarray(at, at + size));
  }

  it.each<[Compression, Buffer]>([
    ['none', long],
    ['gzip', Buffer.concat([gzipSync(long), gzipSync(long)])],
    ['xz', XZ],
    ['zstd', Buffer.concat([zstdSync(long), SKIPPABLE_FRAME, zstdSync(long)])],
    ['bzip2', BZIP2],
  ])('%s gives the same bytes, in chunks of any size', async (form, bytes) => {
    const [, expected] = await expand(inChunks(bytes, 65_536));
    for (const size of [...runsWith([50], []), 700, 3000, 65_536, 1_000_000]) {
      const memory = { isTransient: true, isSourceOwned: true };
      const { compression, stream } = await decompress(owned(bytes, size), { where: 'x.tar', accept: ALL, memory });
      const parts: Buffer[] = [];
      for await (const chunk of stream) parts.push(Buffer.from(chunk));
      expect([compression, Buffer.concat(parts).equals(expected)]).toEqual([form, true]);
    }
  });

  it.each([
    ['gzip', GZIP],
    ['zstd', ZSTD],
  ])('%s that ends too early is truncated', async (_, bytes) => {
    const memory = { isTransient: true, isSourceOwned: true };
    expect(await failureOf(owned(bytes.subarray(0, 5000), 1000), { memory })).toContain('bytes/truncated');
  });
});
