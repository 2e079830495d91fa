import { existsSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import lzma from 'lzma-native';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { compress as zstdSync } from 'zstd-napi';
import { bzip2 } from '../../../bytes/testing/bzip2-encoder.ts';
import { buildTar, type Member } from '../../testing/image-builder.ts';
import { openArchiveFiles } from './archive-files.ts';
import type { ImageFiles } from '../image/image-files.ts';

let folder: string;
let temporary: string;
let archives = 0;
const opened: ImageFiles[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clair-archives-'));
  temporary = await mkdtemp(join(folder, 'temporary-'));
  vi.stubEnv('TMPDIR', temporary);
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((files) => files.close()));
  expect(readdirSync(temporary)).toEqual([]);
  // The system closes the file of an archive that could not be read shortly after the error.
  await vi.waitFor(() => expect(openArchives()).toEqual([]), 10_000);
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

function openArchives(): readonly string[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc/self/fd')
    .map((name) => join('/proc/self/fd', name))
    .flatMap((path) => (existsSync(path) ? [readlinkSync(path)] : []))
    .filter((path) => path.startsWith(folder));
}

async function openBytes(bytes: Uint8Array): Promise<ImageFiles> {
  const path = join(folder, `${(archives += 1)}.tar`);
  writeFileSync(path, bytes);
  const files = await openArchiveFiles(path);
  opened.push(files);
  return files;
}

async function open(...members: readonly (readonly [string, Member])[]): Promise<ImageFiles> {
  return await openBytes(await buildTar(members));
}

async function textOf(files: ImageFiles, name: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of files.open(name)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const LONG = `${'l'.repeat(60)}/`.repeat(4);

describe('a file of the archive', () => {
  it.each([
    ['a', 'one'],
    ['./a', 'one'],
    ['folder/b', 'two'],
    ['folder/../folder/./b', 'two'],
    ['empty', ''],
    ['large', 'x'.repeat(300_000)],
    [`${LONG}c`, 'three'],
  ])('is read: %s', async (name, text) => {
    const files = await open(
      ['./a', 'one'],
      ['folder', null],
      ['folder/b', 'two'],
      ['empty', ''],
      ['large', 'x'.repeat(300_000)],
      [`${LONG}c`, 'three'],
    );
    expect(files.has(name)).toBe(true);
    expect(await textOf(files, name)).toBe(text);
    expect(await textOf(files, name)).toBe(text);
  });

  it.each(['none', 'folder', '', '../a', '/etc/passwd', 'a/b'])('is absent: "%s"', async (name) => {
    const files = await open(['a', 'one'], ['folder', null], ['folder/b', 'two']);
    expect(files.has(name)).toBe(false);
    expect(() => files.open(name)).toThrow(
      expect.objectContaining({ code: 'image/unreadable', message: `${files.where} has no ${name}` }),
    );
  });
});

describe('the later of two members with the same name is used', () => {
  it.each<[string, Member, Member, string | undefined]>([
    ['two files', 'one', 'two', 'two'],
    ['a link after a file', 'one', { link: 'other' }, 'other'],
    ['a file after a link', { link: 'other' }, 'two', 'two'],
    ['a directory after a file', 'one', null, undefined],
    ['a directory after a link', { link: 'other' }, null, undefined],
  ])('%s', async (_, first, second, text) => {
    const files = await open(['other', 'other'], ['a', first], ['a', second]);
    expect(files.has('a') ? await textOf(files, 'a') : undefined).toBe(text);
  });
});

describe('a link', () => {
  it.each<[string, Member]>([
    ['relative', { link: '../x/layer.tar' }],
    ['absolute', { link: '/x/layer.tar' }],
    ['that stays inside the root', { link: '../../../x/layer.tar' }],
    ['hard', { same: 'x/layer.tar' }],
    ['hard, with a leading ./', { same: './x/layer.tar' }],
    ['to a link', { link: '../z' }],
    ['to a neighbour', { link: 'neighbour' }],
  ])('%s is followed inside the archive', async (_, link) => {
    const files = await open(
      ['x/layer.tar', 'layer'],
      ['z', { same: 'x/layer.tar' }],
      ['y/neighbour', 'layer'],
      ['y/layer.tar', link],
    );
    expect(await textOf(files, 'y/layer.tar')).toBe('layer');
  });

  it('may come before its target', async () => {
    const files = await open(['y', { link: 'x' }], ['x', 'layer']);
    expect(await textOf(files, 'y')).toBe('layer');
  });

  it.each<[string, Member]>([
    ['to nothing', { link: 'none' }],
    ['to itself', { link: 'y' }],
    ['in circles', { link: 'z' }],
    ['to a file of this machine', { link: '/etc/passwd' }],
    ['to a file of this machine, by a hard link', { same: '/etc/passwd' }],
  ])('%s is ignored', async (_, link) => {
    const files = await open(['y', link], ['z', { link: 'y' }]);
    expect(files.has('y')).toBe(false);
  });
});

describe('compression', () => {
  it.each<[string, (tar: Buffer) => Promise<Uint8Array>, number]>([
    ['none', async (tar) => tar, 0],
    ['gzip', async (tar) => gzipSync(tar), 1],
    ['xz', xz, 1],
    ['zstd', async (tar) => zstdSync(tar), 1],
    ['bzip2', async (tar) => bzip2(tar), 1],
  ])('%s is decoded, and a temporary file is deleted on close', async (_, compress, temporaries) => {
    const files = await openBytes(
      await compress(
        await buildTar([
          ['a', 'one'],
          ['b', 'two'],
        ]),
      ),
    );
    expect(readdirSync(temporary)).toHaveLength(temporaries);
    expect([await textOf(files, 'a'), await textOf(files, 'b')]).toEqual(['one', 'two']);
    await files.close();
    expect(readdirSync(temporary)).toEqual([]);
  });
});

function xz(bytes: Buffer): Promise<Buffer> {
  return new Promise((resolve) => lzma.compress(bytes, { preset: 0 }, resolve));
}

describe('an unreadable archive leaves no files behind', async () => {
  const tar = await buildTar([['a', 'x'.repeat(100_000)]]);

  it.each<[string, Uint8Array, string]>([
    ['cut', tar.subarray(0, 50_000), 'bytes/truncated'],
    ['compressed, and cut', gzipSync(tar).subarray(0, 100), 'bytes/truncated'],
    ['cut, and compressed', gzipSync(tar.subarray(0, 50_000)), 'bytes/truncated'],
    ['no archive', Buffer.from('<html>not found</html>'), 'bytes/corrupt'],
    ['no archive, and compressed', gzipSync('<html>not found</html>'), 'bytes/corrupt'],
    ['in an obsolete format', bzip2(tar, { wrong: { randomised: true } }), 'bytes/unsupported-compression'],
  ])('%s', async (_, bytes, code) => {
    await expect(openBytes(bytes)).rejects.toMatchObject({ code });
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('missing', async () => {
    await expect(openArchiveFiles(join(folder, 'none.tar'))).rejects.toMatchObject({ code: 'bytes/not-found' });
  });
});
