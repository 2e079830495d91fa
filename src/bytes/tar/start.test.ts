import { describe, expect, it } from 'vitest';
import { inChunks, pax, tarOf } from '../testing/tar-builder.ts';
import type { TarVisitor } from './entry.ts';
import { KeptChunks, released } from '../chunks/kept-chunks.ts';
import { walkTar } from './walk.ts';

describe('the start of a file', () => {
  /** Walks an archive, requests the content of files that start with `yes`, and records the calls of the visitor. */
  async function decided(archive: Buffer, chunk?: number, isKept = false): Promise<readonly string[]> {
    const kept = new KeptChunks();
    const stream = isKept ? released(ownChunks(archive, chunk), kept) : inChunks(archive, chunk);
    const calls: string[] = [];
    const visitor: TarVisitor = {
      entry: ({ path }) => (path === 'all' ? true : 'start'),
      start({ path }, bytes) {
        const text = bytes === null ? 'unknown' : Buffer.from(bytes).toString();
        calls.push(`${path} starts: ${text}`);
        return text.startsWith('yes') || bytes === null;
      },
      content: ({ path }, bytes) => void calls.push(`${path}: ${Buffer.from(bytes).toString()}`),
      chunks: ({ path }, bytes) => void calls.push(`${path}: ${bytes.whole().toString()}`),
    };
    await walkTar(stream, visitor, { where: 'layer.tar', limits: { maxFileBytes: 1000 }, kept });
    return calls;
  }

  const archive = tarOf(
    { name: 'a', content: 'yes, and more than eight bytes' },
    { name: 'b', content: 'no, and more than eight bytes' },
    { name: 'all', content: 'all' },
    { name: 'c', content: 'yes' },
    { name: 'd', content: 'yes5678' },
    { name: 'e', content: 'yes45678' },
    { name: 'empty' },
    { name: 'folder', type: '5' },
    { name: 'f', content: `no${'x'.repeat(2000)}` },
    { name: 'g', content: `yes${'x'.repeat(900)}` },
  );

  it.each([1, 7, 511, 513, 64 * 1024].flatMap((size) => [false, true].map((isKept) => [size, isKept] as const)))(
    'decides whether its content is wanted, in chunks of %i bytes, which may be kept: %s',
    async (chunk, isKept) => {
      expect(await decided(archive, chunk, isKept)).toEqual([
        'a starts: yes, and',
        'a: yes, and more than eight bytes',
        'b starts: no, and ',
        'all: all',
        'c starts: yes',
        'c: yes',
        'd starts: yes5678',
        'd: yes5678',
        'e starts: yes45678',
        'e: yes45678',
        'empty starts: ',
        'f starts: noxxxxxx',
        'g starts: yesxxxxx',
        `g: yes${'x'.repeat(900)}`,
      ]);
    },
  );

  it('is null for a sparse file', async () => {
    const map = { 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.realsize': '6' };
    const stored = Buffer.concat([Buffer.from('1\n4\n2\n'.padEnd(512, '\0')), Buffer.from('ab')]);
    expect(await decided(tarOf(pax(map), { name: 's', content: stored }))).toEqual([
      's starts: unknown',
      's: \0\0\0\0ab',
    ]);
  });

  it('is ignored for a visitor without `start`', async () => {
    const visitor: TarVisitor = { entry: () => 'start', content: () => expect.unreachable() };
    await expect(walkTar(inChunks(archive), visitor, { where: 'layer.tar' })).resolves.toMatchObject({ entries: 10 });
  });

  it('may belong to a file above the size limit unless the content is wanted', async () => {
    const big = tarOf({ name: 'a', content: `yes${'x'.repeat(1000)}` });
    await expect(decided(big)).rejects.toMatchObject({
      code: 'bytes/limit-exceeded',
      message: 'layer.tar: member "a": more than 1000 bytes',
    });
  });

  it.each([512, 515])('cut off at byte %i is truncated', async (bytes) => {
    const cut = tarOf({ name: 'a', content: 'yes, and more' }).subarray(0, bytes);
    await expect(decided(cut)).rejects.toMatchObject({
      code: 'bytes/truncated',
      message: 'layer.tar: the archive ends inside member "a"',
    });
  });
});

describe('the content in chunks', () => {
  const map = { 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.realsize': '6' };
  const stored = Buffer.concat([Buffer.from('1\n4\n2\n'.padEnd(512, '\0')), Buffer.from('ab')]);
  const archive = tarOf(
    { name: 'chunks', content: 'x'.repeat(2000) },
    { name: 'start', content: 'y'.repeat(2000) },
    { name: 'empty' },
    pax(map),
    { name: 'sparse', content: stored },
    { name: 'whole', content: 'z'.repeat(2000) },
  );

  it.each([1, 7, 511, 513, 64 * 1024])(
    'is complete, and sparse files are in one piece, with %i bytes at a time',
    async (size) => {
      const found: string[] = [];
      const visitor: TarVisitor = {
        entry: ({ path }) => (path === 'start' ? 'start' : path === 'whole' ? true : 'chunks'),
        start: () => true,
        content: ({ path }, bytes) => void found.push(`${path} in one piece: ${Buffer.from(bytes).toString()}`),
        chunks: ({ path }, bytes) => void found.push(`${path}: ${bytes.whole().toString()}`),
      };
      await walkTar(inChunks(archive, size), visitor, { where: 'x' });
      expect(found).toEqual([
        `chunks: ${'x'.repeat(2000)}`,
        `start: ${'y'.repeat(2000)}`,
        'empty: ',
        'sparse in one piece: \0\0\0\0ab',
        `whole in one piece: ${'z'.repeat(2000)}`,
      ]);
    },
  );

  it('is freed after the archive', async () => {
    const kept: Uint8Array[] = [];
    const visitor: TarVisitor = {
      entry: ({ path }) => (path === 'chunks' ? 'chunks' : path === 'start' && 'start'),
      start: () => true,
      content: () => expect.unreachable(),
      chunks: (_, bytes) => void kept.push(bytes.whole()),
    };
    const chunks = new KeptChunks();
    await walkTar(released(ownChunks(archive), chunks), visitor, { where: 'x', kept: chunks });
    expect(kept.map(({ length }) => length)).toEqual([0, 0]);
    // Memory that the archive shares with other code is not freed.
    await walkTar(inChunks(archive, archive.length), visitor, { where: 'x' });
    expect(kept.map(({ length }) => length)).toEqual([0, 0, 2000, 2000]);
    await walkTar(inChunks(archive, 500), visitor, { where: 'x' });
    expect(kept.map(({ length }) => length)).toEqual([0, 0, 2000, 2000, 0, 0]);
  });

  it('has at most the bytes of the limit', async () => {
    const visitor: TarVisitor = { entry: () => 'chunks', content: () => {} };
    const limits = { maxFileBytes: 1999 };
    await expect(walkTar(inChunks(archive), visitor, { where: 'x', limits })).rejects.toMatchObject({
      code: 'bytes/limit-exceeded',
      message: 'x: member "chunks": more than 1999 bytes',
    });
  });

  it('cut off is truncated', async () => {
    const visitor: TarVisitor = { entry: () => 'chunks', content: () => {} };
    await expect(walkTar(inChunks(archive.subarray(0, 1000)), visitor, { where: 'x' })).rejects.toMatchObject({
      code: 'bytes/truncated',
      message: 'x: the archive ends inside member "chunks"',
    });
  });
});

/** Yields an archive in chunks with their own memory, or in pairs of chunks that share memory. */
async function* ownChunks(archive: Buffer, size = archive.length): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < archive.length; at += 2 * size) {
    const pair = Buffer.from(Uint8Array.from(archive.subarray(at, at + 2 * size)).buffer);
    yield pair.subarray(0, size);
    if (pair.length > size) yield pair.subarray(size);
  }
}
