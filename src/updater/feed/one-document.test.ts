import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import lzma from 'lzma-native';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compress as zstd } from 'zstd-napi';
import { bzip2 } from '../../bytes/testing/bzip2-encoder.ts';
import type { HttpAnswer, HttpClient, HttpGetOptions } from '../../bytes/http/client.ts';
import { type FeedBytes, openFeedBytes } from './one-document.ts';
import type { FeedValidators } from './fetcher.ts';

const URL_OF_FEED = 'https://me:secret@feeds.example.org/all.json?token=secret';
const VALIDATORS = { etag: '"v1"', lastModified: 'Thu, 01 Jan 2099 00:00:00 GMT' };
const FEED = Buffer.from('{"openssl":{}}');

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'clair-feed-'));
});

afterAll(async () => {
  await rm(directory, { recursive: true });
});

describe('the upstream', () => {
  it('receives no conditions when there are no validators', async () => {
    const http = clientThatGets({ status: 200, headers: {}, body: streamOf(FEED) });
    const { text, where } = await read(await openFeedBytes(URL_OF_FEED, { http }));
    expect(text).toBe(FEED.toString());
    expect(where).toBe('https://feeds.example.org/all.json');
    expect(http.asked).toEqual([{ url: URL_OF_FEED, options: { headers: { 'accept-encoding': 'gzip' } } }]);
  });

  it.each<[string, FeedValidators, object]>([
    ['both validators', VALIDATORS, { 'if-none-match': '"v1"', 'if-modified-since': VALIDATORS.lastModified }],
    ['an entity tag', { etag: '"v1"' }, { 'if-none-match': '"v1"' }],
    ['a date', { lastModified: VALIDATORS.lastModified }, { 'if-modified-since': VALIDATORS.lastModified }],
  ])('receives %s and may respond that nothing changed', async (_, validators, conditions) => {
    const http = clientThatGets({ status: 304 });
    expect(await openFeedBytes(URL_OF_FEED, { http, validators })).toEqual({ kind: 'not-modified' });
    expect(http.asked[0]?.options?.headers).toEqual({ 'accept-encoding': 'gzip', ...conditions });
  });

  it.each<[string, { validators?: FeedValidators }]>([
    ['no validators', {}],
    ['empty validators', { validators: {} }],
  ])('cannot respond with "not modified" to a request with %s', async (_, context) => {
    const opening = openFeedBytes(URL_OF_FEED, { http: clientThatGets({ status: 304 }), ...context });
    await expect(opening).rejects.toMatchObject({ code: 'bytes/unreachable' });
  });

  it.each<[string, Record<string, string>, FeedValidators]>([
    ['both', { etag: '"v1"', 'last-modified': VALIDATORS.lastModified }, VALIDATORS],
    ['one', { etag: 'W/"v1"' }, { etag: 'W/"v1"' }],
    ['none', { 'content-type': 'application/json' }, {}],
  ])('returns its validators: %s', async (_, headers, validators) => {
    const http = clientThatGets({ status: 200, headers, body: streamOf(FEED) });
    expect(await read(await openFeedBytes(URL_OF_FEED, { http, validators: VALIDATORS }))).toMatchObject({
      validators,
    });
  });

  it('may compress its response', async () => {
    const http = clientThatGets({ status: 200, headers: {}, body: streamOf(gzipSync(FEED)) });
    expect(await read(await openFeedBytes(URL_OF_FEED, { http }))).toMatchObject({ text: FEED.toString() });
  });

  it('is requested with the signal of the caller', async () => {
    const http = clientThatGets({ status: 304 });
    const { signal } = new AbortController();
    await openFeedBytes(URL_OF_FEED, { http, validators: VALIDATORS, signal });
    expect(http.asked[0]?.options?.signal).toBe(signal);
  });
});

describe('a local file', () => {
  it.each<[string, (bytes: Buffer) => Uint8Array | Promise<Uint8Array>]>([
    ['plain', (bytes) => bytes],
    ['gzip', (bytes) => gzipSync(bytes)],
    ['xz', xz],
    ['zstd', (bytes) => zstd(bytes)],
    ['bzip2', (bytes) => bzip2(bytes)],
  ])('is read instead of the upstream, with any name: %s', async (name, compress) => {
    const path = join(directory, `${name}.json`);
    await writeFile(path, await compress(FEED));
    const http = clientThatGets({ status: 304 });
    for (const from of [path, pathToFileURL(path).href]) {
      const feed = await read(await openFeedBytes(URL_OF_FEED, { http, from, validators: VALIDATORS }));
      expect(feed).toEqual({ text: FEED.toString(), where: path, validators: {} });
    }
    expect(http.asked).toEqual([]);
  });

  it('with an unsupported compression is rejected', async () => {
    const path = join(directory, 'feed.bz2');
    await writeFile(path, bzip2(FEED, { wrong: { randomised: true } }));
    await expect(openFile(path).then(read)).rejects.toMatchObject({ code: 'bytes/unsupported-compression' });
  });

  it.each([
    ['missing', () => join(directory, 'missing.json'), 'bytes/not-found'],
    ['a directory', () => directory, 'bytes/unreachable'],
    ['on another machine', () => 'file://elsewhere.example.org/feed.json', 'bytes/not-found'],
  ])('that is %s', async (_, from, code) => {
    await expect(openFile(from())).rejects.toMatchObject({ code });
  });
});

function openFile(from: string): Promise<FeedBytes> {
  return openFeedBytes(URL_OF_FEED, { http: clientThatGets({ status: 304 }), from });
}

function clientThatGets(answer: HttpAnswer): HttpClient & { asked: { url: string; options?: HttpGetOptions }[] } {
  const asked: { url: string; options?: HttpGetOptions }[] = [];
  return {
    asked,
    get: async (url, options) => {
      asked.push({ url, ...(options && { options }) });
      return answer;
    },
    close: async () => {},
  };
}

function xz(bytes: Buffer): Promise<Buffer> {
  return new Promise((resolve) => lzma.compress(bytes, { preset: 0 }, resolve));
}

async function* streamOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function read(feed: FeedBytes): Promise<{ text: string; where: string; validators: FeedValidators }> {
  if (feed.kind !== 'bytes') throw new Error(feed.kind);
  const chunks: Uint8Array[] = [];
  for await (const chunk of feed.stream) chunks.push(chunk);
  return { text: Buffer.concat(chunks).toString(), where: feed.where, validators: feed.validators };
}
