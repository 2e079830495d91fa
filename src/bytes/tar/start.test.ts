import { describe, expect, it } from 'vitest';
import { inChunks, pax, tarOf } from '../testing/tar-builder.ts';
import type { TarVisitor } from './entry.ts';
import { walkTar } from './walk.ts';

describe('the start of a file', () => {
  /** Walks an archive, requesting the content of files that start with `yes`, and records the calls. */
  async function decided(archive: Buffer, chunk?: number): Promise<readonly string[]> {
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
    await walkTar(inChunks(archive, chunk), visitor, { where: 'layer.tar', limits: { maxFileBytes: 1000 } });
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

  it.each([1, 7, 511, 513, 64 * 1024])(
    'decides whether its content is wanted, in chunks of %i bytes',
    async (chunk) => {
      expect(await decided(archive, chunk)).toEqual([
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

  it.each([1, 7, 511, 513, 64 * 1024])('is complete, in chunks of %i bytes', async (size) => {
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
      'sparse: \0\0\0\0ab',
      `whole in one piece: ${'z'.repeat(2000)}`,
    ]);
  });

  it('is freed after the archive', async () => {
    const kept: Uint8Array[] = [];
    const visitor: TarVisitor = {
      entry: ({ path }) => (path === 'chunks' ? 'chunks' : path === 'start' && 'start'),
      start: () => true,
      content: () => expect.unreachable(),
      chunks: (_, bytes) => void kept.push(bytes.whole()),
    };
    await walkTar(inChunks(archive, archive.length), visitor, { where: 'x' });
    expect(kept.map(({ length }) => length)).toEqual([0, 0]);
    expect(archive.length).toBeGreaterThan(0);
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
