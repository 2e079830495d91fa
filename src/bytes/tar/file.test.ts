import { mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { stampOf } from '../file-stamp.ts';
import { gnuLong, tarHeader, tarOf, withoutEnd } from '../testing/tar-builder.ts';
import type { TarEntry, TarVisitor } from './entry.ts';
import { walkSameTar, walkTarFile } from './file.ts';
import { everyWay } from './testing/walked-archive.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-tar-file-'));
const path = join(folder, 'archive.tar');
afterEach(() => vi.restoreAllMocks());
afterAll(() => rmSync(folder, { recursive: true }));

const NOBODY: TarVisitor = { entry: () => false, content: () => undefined };
const KIB = 1024;
const MIB = 1024 * KIB;

async function countReads(): Promise<{ bytes: number; calls: number }> {
  const count = { bytes: 0, calls: 0 };
  const some = await open(path);
  const handle: Pick<FileHandle, 'read'> = Object.getPrototypeOf(some);
  await some.close();
  const read = handle.read as (...args: unknown[]) => Promise<{ bytesRead: number }>;
  vi.spyOn(handle, 'read').mockImplementation(async function counted(this: unknown, ...args: unknown[]) {
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
    const { file } = await everyWay(path, archive);
    expect(file.end).toMatchObject({ code: 'bytes/truncated', message: expect.stringContaining(message) });
  });

  it('may lack the padding of its last body', async () => {
    const { file } = await everyWay(path, withoutEnd({ name: 'a', content: Buffer.alloc(MIB + 1) }).subarray(0, -511));
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

  it('skips the parts of a wanted file that its reader does not need', async () => {
    const content = Buffer.alloc(3 * MIB, 'x');
    writeFileSync(path, tarOf({ name: 'program', content }, { name: 'last' }));
    const count = await countReads();
    const contents: string[] = [];
    const visitor: TarVisitor = {
      ...NOBODY,
      entry: ({ path: name }) => name === 'program' && 'chunks',
      unneeded: () => (bytes, at) => (at + bytes.length < 2 * MIB ? [{ start: KIB, end: 2 * MIB }] : []),
      chunks: (_, bytes) => void contents.push(bytes.whole().toString('latin1')),
    };
    await walkTarFile(path, visitor, { where: 'image.tar' });
    expect(contents).toEqual([`${'x'.repeat(KIB)}${'\0'.repeat(2 * MIB - KIB)}${'x'.repeat(MIB)}`]);
    expect(count.bytes).toBeLessThan(1.2 * MIB);
  });

  it('again lets other work of the thread run', async () => {
    const members = Array.from({ length: 100 }, (_, index) => ({ name: `${index}`, content: Buffer.alloc(64 * KIB) }));
    writeFileSync(path, tarOf(...members));
    const stamp = stampOf(statSync(path, { bigint: true }));
    let entries = 0;
    const entry = (): boolean => {
      entries += 1;
      const end = performance.now() + 1;
      while (performance.now() < end);
      return false;
    };
    let entriesBefore: number | undefined;
    setImmediate(() => (entriesBefore = entries));
    await walkSameTar({ path }, stamp, { ...NOBODY, entry }, { where: 'image.tar' });
    expect(entries).toBe(100);
    expect(entriesBefore).toBeLessThan(50);
  });
});
