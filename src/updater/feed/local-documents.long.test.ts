import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import lzma from 'lzma-native';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { compress as zstd } from 'zstd-napi';
import { bzip2 } from '../../bytes/testing/bzip2-encoder.ts';
import { collected } from '../testing/feed-documents.ts';
import { tarOf } from '../../bytes/testing/tar-builder.ts';
import { zipOf } from '../../bytes/testing/zip-builder.ts';
import type { DocumentOptions } from './document-intake.ts';
import { localDocuments } from './local-documents.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clair-documents-'));
  await mkdir(join(folder, 'tmp'));
  vi.stubEnv('TMPDIR', join(folder, 'tmp'));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  expect(await readdir(join(folder, 'tmp'))).toEqual([]);
  await rm(folder, { recursive: true });
});

async function saved(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  return path;
}

/** Returns the documents as `NAME: CONTENT`. */
async function read(from: string, options?: DocumentOptions): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const { name, stream } of localDocuments(from, options)) {
    lines.push(`${name}: ${Buffer.concat(await collected(stream)).toString()}`);
  }
  return lines;
}

const MEMBERS = [
  { name: 'feed/b.json', content: '{"b":1}' },
  { name: 'feed/a.json', content: '{"a":1}' },
  { name: 'feed/README.md', content: 'Read me.' },
];
const wants = (name: string): boolean => name.endsWith('.json');
const WANTED = ['feed/b.json: {"b":1}', 'feed/a.json: {"a":1}'];

function xz(bytes: Buffer): Promise<Buffer> {
  return new Promise((resolve) => lzma.compress(bytes, { preset: 0 }, resolve));
}

const COMPRESSIONS: readonly (readonly [string, (bytes: Buffer) => Promise<Buffer>])[] = [
  ['plain', async (bytes) => bytes],
  ['gzip', async (bytes) => gzipSync(bytes)],
  ['lzma', xz],
  ['zstd', async (bytes) => zstd(bytes, {})],
  ['bzip2', async (bytes) => Buffer.from(bzip2(bytes))],
];

describe('a file', () => {
  it.each(COMPRESSIONS)('that is %s is one document with any name', async (name, compress) => {
    const path = await saved(`feed.${name}`, await compress(Buffer.from('{"a":1}')));
    expect(await read(path, { wants })).toEqual([`feed.${name}: {"a":1}`]);
    expect(await read(pathToFileURL(path).href)).toEqual([`feed.${name}: {"a":1}`]);
  });

  it('loses its compression suffix', async () => {
    expect(await read(await saved('a.json.gz', gzipSync('{"a":1}')))).toEqual(['a.json: {"a":1}']);
  });

  it('may be empty', async () => {
    expect(await read(await saved('empty', ''))).toEqual(['empty: ']);
  });

  it.each([
    ['that is missing', 'nowhere', 'bytes/not-found'],
    ['on another machine', 'file://elsewhere/feed.json', 'bytes/not-found'],
  ])('%s is an error', async (_, from, code) => {
    await expect(read(from.startsWith('file') ? from : join(folder, from))).rejects.toMatchObject({ code });
  });

  it.each(COMPRESSIONS.slice(1))('that is %s and cut off is an error', async (_, compress) => {
    const compressed = await compress(Buffer.from('{"a":1}'.repeat(5000)));
    const path = await saved('feed', compressed.subarray(0, -4));
    await expect(read(path)).rejects.toMatchObject({ code: 'bytes/truncated' });
  });
});

describe.each<[string, () => Buffer]>([
  ['tar', () => tarOf(...MEMBERS)],
  ['zip', () => zipOf(...MEMBERS)],
])('a %s', (_, archive) => {
  it.each(COMPRESSIONS)('that is %s returns its wanted files in their order', async (_name, compress) => {
    expect(await read(await saved('feed', await compress(archive())), { wants })).toEqual(WANTED);
  });

  it('in a directory is recognised by its name and its bytes', async () => {
    await saved('site/all.txt', 'All.');
    await saved(`site/x.zip`, archive());
    expect(await read(join(folder, 'site'), { wants })).toEqual(WANTED.map((line) => `x.zip/${line}`));
  });

  it('is closed when the iteration stops early', async () => {
    const documents = localDocuments(await saved('feed.gz', gzipSync(archive())), { wants });
    const { value } = await documents.next();
    expect(value?.name).toBe('feed/b.json');
    await documents.return(undefined);
  });

  it('may be skipped document by document', async () => {
    const names: string[] = [];
    for await (const { name } of localDocuments(await saved('feed', archive()))) names.push(name);
    expect(names).toEqual(MEMBERS.map(({ name }) => name));
  });

  it('that is cut off is an error', async () => {
    const path = await saved('feed', archive().subarray(0, archive().length / 2));
    await expect(read(path)).rejects.toMatchObject({ code: expect.stringMatching(/^bytes\/(truncated|corrupt)$/) });
  });

  it.each<[string, DocumentOptions['limits'] & object]>([
    ['number of documents', { maxDocuments: 2 }],
    ['size of a document', { maxDocumentBytes: 6 }],
    ['total size', { maxTotalBytes: 10 }],
    ['size of the archive', { maxArchiveBytes: 100 }],
  ])('has a limit on its %s', async (_name, limits) => {
    const path = await saved('feed.gz', gzipSync(archive()));
    await expect(read(path, { limits })).rejects.toMatchObject({ code: 'bytes/limit-exceeded' });
    expect(
      await read(path, {
        limits: { ...limits, maxArchiveBytes: 10_000, maxDocuments: 3, maxDocumentBytes: 8, maxTotalBytes: 22 },
      }),
    ).toHaveLength(3);
  });

  it('is not read further after an abort', async () => {
    const controller = new AbortController();
    const documents = localDocuments(await saved('feed', archive()), { signal: controller.signal });
    await documents.next();
    controller.abort(new Error('enough'));
    await expect(documents.next()).rejects.toThrow('enough');
  });
});

describe('a directory', () => {
  it('returns the wanted files below it by name, compressed or not, and the files in its archives', async () => {
    await saved('site/b/2.json', '2');
    await saved('site/b/1.json.gz', gzipSync('1'));
    await saved('site/a.json', 'a');
    await saved('site/c.tar.gz', gzipSync(tarOf({ name: 'x.json', content: 'x' }, { name: 'y.txt', content: 'y' })));
    await saved('site/README.md', 'Read me.');
    await saved('site/README.md.gz', gzipSync('Read me.'));
    expect(await read(join(folder, 'site'), { wants })).toEqual([
      'a.json: a',
      'b/1.json: 1',
      'b/2.json: 2',
      'c.tar.gz/x.json: x',
    ]);
  });

  it('follows links to files inside it, and no links to directories', async () => {
    await saved('site/a.json', 'a');
    await saved('site/below/b.json', 'b');
    await symlink('a.json', join(folder, 'site/c.json'));
    await symlink('below', join(folder, 'site/d.json'));
    expect(await read(join(folder, 'site'), { wants })).toEqual(['a.json: a', 'below/b.json: b', 'c.json: a']);
  });

  it('may be a link', async () => {
    await saved('site/a.json', 'a');
    await symlink('site', join(folder, 'link'));
    expect(await read(join(folder, 'link'))).toEqual(['a.json: a']);
  });

  it.each([
    ['that leads out of the directory', '/etc/hostname', 'bytes/unreachable'],
    ['that climbs out of the directory', '../secret.json', 'bytes/unreachable'],
    ['to a directory outside', '/etc', 'bytes/unreachable'],
    ['to a missing file', 'nowhere.json', 'bytes/not-found'],
    ['to itself', 'link.json', 'bytes/unreachable'],
  ])('rejects a link %s', async (_, target, code) => {
    await saved('secret.json', 'secret');
    await saved('site/a.json', 'a');
    await symlink(target, join(folder, 'site/link.json'));
    await expect(read(join(folder, 'site'))).rejects.toMatchObject({ code });
  });

  it('skips links with unwanted names', async () => {
    await saved('site/a.json', 'a');
    await symlink('/etc/hostname', join(folder, 'site/hostname'));
    expect(await read(join(folder, 'site'), { wants })).toEqual(['a.json: a']);
  });

  it('has a limit on its depth', async () => {
    await saved('site/1/2/3/a.json', 'a');
    const at = join(folder, 'site');
    expect(await read(at, { limits: { maxDepth: 4 } })).toEqual(['1/2/3/a.json: a']);
    await expect(read(at, { limits: { maxDepth: 3 } })).rejects.toMatchObject({ code: 'bytes/limit-exceeded' });
  });

  it('rejects special files', async () => {
    await saved('site/a.json', 'a');
    execFileSync('mkfifo', [join(folder, 'site/b.json')]);
    await expect(read(join(folder, 'site'))).rejects.toMatchObject({ code: expect.stringMatching(/^bytes\//) });
  });
});
