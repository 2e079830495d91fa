import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { gnuLong, tarHeader, tarOf, withoutEnd } from '../testing/tar-builder.ts';
import type { TarEntry, TarVisitor } from './entry.ts';
import { walkTarFile } from './file.ts';
import { bothWays } from './testing/walked-twice.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-tar-file-'));
const path = join(folder, 'archive.tar');
afterEach(() => vi.restoreAllMocks());
afterAll(() => rmSync(folder, { recursive: true }));

const NOBODY: TarVisitor = { entry: () => false, content: () => undefined };
const KIB = 1024;
const MIB = 1024 * KIB;

async function countReads(): Promise<{ bytes: number; started: number; calls: number }> {
  const count = { bytes: 0, started: 0, calls: 0 };
  const some = await open(path);
  const handle: Pick<FileHandle, 'read'> = Object.getPrototypeOf(some);
  await some.close();
  const read = handle.read as (...args: unknown[]) => Promise<{ bytesRead: number }>;
  vi.spyOn(handle, 'read').mockImplementation(async function counted(this: unknown, ...args: unknown[]) {
    count.started += 1;
    const result = await read.apply(this, args);
    count.bytes += result.bytesRead;
    count.calls += 1;
    return result as never;
  });
  return count;
}

describe('an archive in a file', () => {
  it.each<[string, Buffer, string]>([
    ['in a body', withoutEnd({ name: 'a', content: Buffer.alloc(MIB) }).subarray(0, -1), 'inside member "a"'],
    ['before a body', tarHeader({ name: 'a', size: 1024 * MIB }), 'inside member "a"'],
    ['behind a long name', withoutEnd(gnuLong('L', 'l'.repeat(300))), 'after a GNU long name'],
    ['in a header', withoutEnd({ name: 'a', content: Buffer.alloc(MIB) }, { name: 'b' }).subarray(0, -100), 'a header'],
  ])('cut off %s is truncated', async (_, archive, message) => {
    const { file } = await bothWays(path, archive);
    expect(file.end).toMatchObject({ code: 'bytes/truncated', message: expect.stringContaining(message) });
  });

  it('may lack the padding of its last body', async () => {
    const { file } = await bothWays(path, withoutEnd({ name: 'a', content: Buffer.alloc(MIB + 1) }).subarray(0, -511));
    expect(file.end).toEqual({ entries: 1, outside: 0, isEnded: false });
  });

  it('that shrinks while it is read is truncated', async () => {
    writeFileSync(path, tarOf({ name: 'a', content: Buffer.alloc(MIB) }, { name: 'b' }));
    const entry = (): boolean => {
      truncateSync(path, 600 * KIB);
      return false;
    };
    await expect(walkTarFile(path, { ...NOBODY, entry }, { where: 'image.tar' })).rejects.toMatchObject({
      code: 'bytes/truncated',
    });
  });

  it.each<[string, string, string]>([
    ['that is missing', join(folder, 'none'), 'bytes/not-found'],
    ['that is a directory', folder, 'bytes/unreachable'],
    ['that is a device', '/dev/zero', 'bytes/unreachable'],
  ])('%s is an error', async (_, where, code) => {
    await expect(walkTarFile(where, NOBODY, { where })).rejects.toMatchObject({ code });
  });

  it('is not read further after an abort', async () => {
    writeFileSync(path, tarOf({ name: 'a', content: Buffer.alloc(MIB) }));
    const stop = new AbortController();
    const entry = (): boolean => {
      stop.abort(new Error('enough'));
      return false;
    };
    const walk = walkTarFile(path, { ...NOBODY, entry }, { where: 'image.tar', signal: stop.signal });
    await expect(walk).rejects.toThrow('enough');
  });
});

describe('reading a file', () => {
  it('skips a body of 200 MiB and reads only headers', async () => {
    writeFileSync(path, tarHeader({ name: 'a', size: 200 * MIB }));
    truncateSync(path, 512 + 200 * MIB);
    const last = tarOf({ name: 'b', content: 'end' });
    writeFileSync(path, last, { flag: 'a' });
    const count = await countReads();
    const seen: string[] = [];
    const entry = (each: TarEntry, offset: number): boolean => seen.push(`${each.path} at ${offset}`) < 0;
    await walkTarFile(path, { ...NOBODY, entry }, { where: 'image.tar' });
    expect(seen).toEqual(['a at 512', `b at ${1024 + 200 * MIB}`]);
    expect(count).toMatchObject({ bytes: 64 * KIB + last.length, calls: 2 });
  });

  it('reads nothing after the end of the archive', async () => {
    writeFileSync(path, Buffer.concat([tarOf({ name: 'a' }), Buffer.alloc(MIB)]));
    const count = await countReads();
    await walkTarFile(path, NOBODY, { where: 'image.tar' });
    expect(count).toMatchObject({ bytes: 64 * KIB, calls: 1 });
  });

  it('uses few large reads for small members', async () => {
    const tiny = Array.from({ length: 4000 }, (_, index) => ({ name: `${index}`, content: 'x' }));
    const archive = tarOf(...tiny);
    writeFileSync(path, archive);
    const count = await countReads();
    await walkTarFile(path, NOBODY, { where: 'image.tar' });
    expect(count.bytes).toBe(archive.length);
    expect(count.calls).toBeLessThan(archive.length / (200 * KIB));
  });

  it('starts the next read before it uses the bytes of the current read, but not after a skip', async () => {
    const small = Array.from({ length: 500 }, (_, index) => ({ name: `${index}`, content: Buffer.alloc(KIB) }));
    writeFileSync(path, tarOf(...small, { name: 'large', content: Buffer.alloc(MIB) }, { name: 'last' }));
    const count = await countReads();
    const startedAt: Record<string, number> = {};
    const entry = (each: TarEntry): boolean => {
      startedAt[each.path] = count.started;
      return false;
    };
    await walkTarFile(path, { ...NOBODY, entry }, { where: 'image.tar' });
    // The reads start at 0, 64, 192 and 448 KiB; a member takes 1.5 KiB.
    expect(startedAt).toMatchObject({ 0: 1, 40: 1, 50: 3, 120: 3, 140: 4, 290: 4, 310: 5, large: 6, last: 7 });
  });
});
