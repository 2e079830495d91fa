import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { clientOf, collected, NO_HTTP } from '../testing/feed-documents.ts';
import { tarOf } from '../../bytes/testing/tar-builder.ts';
import { zipOf } from '../../bytes/testing/zip-builder.ts';
import { type FeedDocuments, openFeedDocuments } from './many-documents.ts';

const URL_OF_FEED = 'https://me:secret@feeds.example.org/all.zip?token=secret';
const MEMBERS = [
  { name: 'a.json', content: '{"a":1}' },
  { name: 'README', content: 'Read me.' },
];
const OPTIONS = { wants: (name: string): boolean => name.endsWith('.json') };

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clair-feed-'));
  await mkdir(join(folder, 'tmp'));
  vi.stubEnv('TMPDIR', join(folder, 'tmp'));
});

afterEach(async () => {
  vi.unstubAllEnvs();
  expect(await readdir(join(folder, 'tmp'))).toEqual([]);
  await rm(folder, { recursive: true });
});

async function read(feed: FeedDocuments): Promise<readonly string[]> {
  if (feed.kind === 'not-modified') throw new Error(feed.kind);
  const lines: string[] = [];
  for await (const { name, where, stream } of feed.documents) {
    lines.push(`${name} (${where}): ${Buffer.concat(await collected(stream)).toString()}`);
  }
  return lines;
}

describe('a downloaded feed of documents', () => {
  it.each([
    ['a zip', zipOf(...MEMBERS), 'a.json in '],
    ['a tar', tarOf(...MEMBERS), 'a.json in '],
    ['a compressed tar', gzipSync(tarOf(...MEMBERS)), 'a.json in '],
    ['one document', Buffer.from('{"a":1}'), ''],
    ['one compressed document', gzipSync('{"a":1}'), ''],
  ])('may be %s', async (_, content, place) => {
    const http = clientOf({ [URL_OF_FEED]: { content, etag: '"v1"' } });
    const feed = await openFeedDocuments(URL_OF_FEED, { http }, OPTIONS);
    expect(feed).toMatchObject({ where: 'https://feeds.example.org/all.zip', validators: { etag: '"v1"' } });
    const [line, ...rest] = await read(feed);
    expect(line?.replace(/^\S+ /, '')).toBe(`(${place}https://feeds.example.org/all.zip): {"a":1}`);
    expect([rest, [...http.open]]).toEqual([[], []]);
  });

  it('is not read when nothing changed', async () => {
    const http = clientOf({ [URL_OF_FEED]: { content: '', etag: '"v1"' } });
    const feed = await openFeedDocuments(URL_OF_FEED, { http, validators: { etag: '"v1"' } });
    expect(feed).toEqual({ kind: 'not-modified' });
  });

  it('leaves no files behind when the iteration is broken off', async () => {
    const http = clientOf({ [URL_OF_FEED]: { content: zipOf(...MEMBERS) } });
    const feed = await openFeedDocuments(URL_OF_FEED, { http });
    if (feed.kind === 'not-modified') throw new Error(feed.kind);
    for await (const document of feed.documents) if (document.name !== '') break;
    expect([...http.open]).toEqual([]);
  });

  it.each([
    ['truncated', zipOf(...MEMBERS).subarray(0, -30), 'bytes/corrupt'],
    ['larger than allowed', Buffer.alloc(1001, ' '), 'bytes/limit-exceeded'],
  ])('leaves no files behind when it is %s', async (_, content, code) => {
    const http = clientOf({ [URL_OF_FEED]: { content } });
    const feed = await openFeedDocuments(URL_OF_FEED, { http }, { limits: { maxArchiveBytes: 1000 } });
    await expect(read(feed)).rejects.toMatchObject({ code });
    expect([...http.open]).toEqual([]);
  });
});

describe('a local feed of documents', () => {
  it.each<[string, (path: string) => { url: string; from?: string }]>([
    ['a path', (path) => ({ url: URL_OF_FEED, from: path })],
    ['a file URL', (path) => ({ url: URL_OF_FEED, from: pathToFileURL(path).href })],
    ['the address of the feed', (path) => ({ url: pathToFileURL(path).href })],
  ])('is read from %s, and the next upstream fetch sends no validators', async (_, contextOf) => {
    await mkdir(join(folder, 'site'));
    await writeFile(join(folder, 'site/all.zip'), zipOf(...MEMBERS));
    const { url, from } = contextOf(join(folder, 'site'));
    const context = { http: NO_HTTP, validators: { etag: '"v1"' }, ...(from !== undefined && { from }) };
    const feed = await openFeedDocuments(url, context, OPTIONS);
    expect(feed).toMatchObject({ kind: 'documents', validators: {} });
    expect(await read(feed)).toEqual([`all.zip/a.json (a.json in ${join(folder, 'site/all.zip')}): {"a":1}`]);
  });
});
