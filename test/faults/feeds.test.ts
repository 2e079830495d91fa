import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import lzma from 'lzma-native';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { compress as zstd } from 'zstd-napi';
import { createHttpClient, type HttpLimits } from '../../src/bytes/http/client.ts';
import type { Advisory } from '../../src/model/advisories/advisory.ts';
import { debian } from '../../src/updater/fetchers/debian/fetcher.ts';
import type { FetchContext } from '../../src/updater/feed/fetcher.ts';
import { jsonMembers } from '../../src/bytes/documents/json-members.ts';
import { NO_HTTP } from '../../src/updater/testing/feed-documents.ts';

/**
 * Tests failures of a feed, each with its error. Clair must never accept invalid data as a feed, and must read a valid
 * feed after each failure. Other tests check that the database keeps the old data.
 */

const FEED = await readFile(new URL('../../src/updater/fetchers/debian/testdata/tracker.json', import.meta.url));
const ADVISORIES = 6;

/** `checksumAt` is the position of a checksum byte from the end of the file. */
const COMPRESSIONS: readonly Compressor[] = [
  { name: 'gzip', compress: async (bytes) => gzipSync(bytes), checksumAt: -8 },
  { name: 'xz', compress: xz, checksumAt: -12 },
  { name: 'zstd', compress: async (bytes) => zstd(bytes, { checksumFlag: true }), checksumAt: -1 },
];

type Compressor = {
  readonly name: string;
  readonly compress: (bytes: Buffer) => Promise<Buffer>;
  readonly checksumAt: number;
};

/** A time in milliseconds that is short enough for a test and long enough for a busy machine. */
const SHORT = 300;

const closers: (() => Promise<unknown>)[] = [];

let directory: string;

beforeAll(async () => {
  vi.stubEnv('no_proxy', '*');
  directory = await mkdtemp(join(tmpdir(), 'clair-feeds-'));
});

afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
  const { length } = await readFrom(FEED);
  if (length !== ADVISORIES) throw new Error(`the next feed returned ${length} advisories`);
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(directory, { recursive: true });
});

describe('a broken file', () => {
  it.each<[string, Uint8Array | string, string]>([
    ['nothing', '', 'feed/empty'],
    ['white space', ' \n ', 'feed/empty'],
    ['an object without packages', '{}', 'feed/empty'],
    ['a page', '<!DOCTYPE html>\n<html><body>Service unavailable</body></html>', 'feed/invalid'],
    ['an array', '[{"openssl":{}}]', 'feed/invalid'],
    ['an object with other contents', '{"error":"too many requests","retry":60}', 'feed/invalid'],
    ['two feeds', Buffer.concat([FEED, FEED]), 'feed/invalid'],
    ['binary junk', Uint8Array.from({ length: 5000 }, (_, index) => (index * 197 + 11) % 256), 'feed/invalid'],
    ['junk inside', Buffer.concat([FEED.subarray(0, 1000), Buffer.alloc(1000), FEED.subarray(1000)]), 'feed/invalid'],
    ['zeros', new Uint8Array(5000), 'feed/invalid'],
    ['truncated in the first key', FEED.subarray(0, 8), 'feed/truncated'],
    ['truncated in the first package', FEED.subarray(0, 500), 'feed/truncated'],
    ['truncated between packages', FEED.subarray(0, FEED.indexOf('"zlib"')), 'feed/truncated'],
    ['truncated in the last package', FEED.subarray(0, -20), 'feed/truncated'],
    ['truncated before the last brace', FEED.subarray(0, FEED.lastIndexOf('}')), 'feed/truncated'],
    ['nested too deep', `{"openssl":${'['.repeat(5000)}`, 'feed/limit-exceeded'],
  ])('%s', async (_, bytes, code) => {
    await expect(readFrom(bytes)).rejects.toMatchObject({ code });
  });

  it.each(COMPRESSIONS)('$name: truncated', async ({ compress }) => {
    const compressed = await compress(FEED);
    for (const end of [Math.floor(compressed.length / 2), -1]) {
      await expect(readFrom(compressed.subarray(0, end))).rejects.toMatchObject({ code: 'bytes/truncated' });
    }
  });

  it.each(COMPRESSIONS)('$name: damaged in the checksum only', async ({ compress, checksumAt }) => {
    const damaged = Buffer.from(await compress(FEED));
    damaged[damaged.length + checksumAt]! ^= 0xff;
    await expect(readFrom(damaged)).rejects.toMatchObject({ code: 'bytes/corrupt' });
  });

  it('truncated at any byte', async () => {
    const whole = Buffer.from(FEED.toString().trim());
    for (let end = 1; end < whole.length; end += 97) {
      await expect(readFrom(whole.subarray(0, end)), `at ${end}`).rejects.toMatchObject({ code: 'feed/truncated' });
    }
  });

  it('an endless member is rejected long before memory is full', async () => {
    const sent = { bytes: 0 };
    const members = jsonMembers(endlessMember(sent, 200_000_000), { where: 'feed', maxMemberBytes: 1_000_000 });
    await expect(members.next()).rejects.toMatchObject({ code: 'feed/limit-exceeded' });
    expect(sent.bytes).toBeLessThan(1_100_000);
  });
});

describe('a failing server', () => {
  it.each<[string, RequestListener, string]>([
    ['returns 404', (_, response) => response.writeHead(404).end('not here'), 'bytes/not-found'],
    ['is broken', (_, response) => response.writeHead(500).end('{}'), 'bytes/unreachable'],
    ['returns 503', (_, response) => response.writeHead(503).end(), 'bytes/unreachable'],
    ['redirects in a loop', (_, response) => response.writeHead(302, { location: '/' }).end(), 'bytes/unreachable'],
    [
      'redirects to a file',
      (_, response) => response.writeHead(302, { location: 'file:///' }).end(),
      'bytes/unreachable',
    ],
    ['returns a page with status 200', (_, response) => response.end('<html>Log in first</html>'), 'feed/invalid'],
    ['returns an empty body with status 200', (_, response) => response.end(), 'feed/empty'],
    ['sends half of the feed and ends', (_, response) => response.end(FEED.subarray(0, 900)), 'feed/truncated'],
    ['closes the connection at once', (request) => request.socket.destroy(), 'bytes/unreachable'],
    ['closes the connection in the middle', hangUpInTheMiddle, 'bytes/unreachable'],
    ['closes the connection in the middle of chunks', hangUpBetweenChunks, 'bytes/unreachable'],
    ['never answers', () => undefined, 'bytes/unreachable'],
    ['falls silent', (_, response) => response.write(FEED.subarray(0, 900)), 'bytes/unreachable'],
    ['trickles', trickle, 'bytes/unreachable'],
    ['returns 304 to an unconditional request', (_, response) => response.writeHead(304).end(), 'bytes/unreachable'],
  ])('%s', async (_, listener, code) => {
    const limits = { headers: SHORT, bodyIdle: SHORT, total: 5 * SHORT };
    await expect(readServed(listener, limits)).rejects.toMatchObject({ code });
  });

  it('closes the connection at any byte of the feed', async () => {
    for (let end = 0; end < FEED.length; end += 499) {
      const reading = readServed((_, response) => hangUpAfter(end, response));
      await expect(reading, `at ${end}`).rejects.toMatchObject({ code: 'bytes/unreachable' });
    }
  });

  it('works again', async () => {
    expect(await readServed((_, response) => response.end(FEED))).toHaveLength(ADVISORIES);
  });
});

describe('a feed with unknown content', () => {
  it('is read and reported', async () => {
    const outcome = await debian.fetch({ http: NO_HTTP, from: await saved(FEED) });
    if (outcome.kind !== 'advisories') throw new Error(outcome.kind);
    const advisories = await collect(outcome.advisories);
    const diagnostics = advisories.flatMap(({ affected }) => affected).filter(({ status }) => status === 'unknown');
    expect(diagnostics).toMatchObject([{ namespace: 'debian:12', fixed: '2.0-2' }, { namespace: 'debian:13' }]);
    expect(outcome.recordDiagnostics.count).toBe(4);
    expect(outcome.recordDiagnostics.examples[0]?.message).toContain('"sunk"');
  });
});

async function* endlessMember(sent: { bytes: number }, end: number): AsyncGenerator<Uint8Array> {
  const chunk = Buffer.alloc(64 * 1024, ' ');
  yield Buffer.from('{"openssl":');
  for (; sent.bytes < end; sent.bytes += chunk.length) yield chunk;
}

function hangUpInTheMiddle(_: IncomingMessage, response: ServerResponse): void {
  hangUpAfter(900, response);
}

/** Sends the Content-Length of the whole feed, and closes the connection after `bytes` bytes. */
function hangUpAfter(bytes: number, response: ServerResponse): void {
  response.writeHead(200, { 'content-length': FEED.length }).flushHeaders();
  response.write(FEED.subarray(0, bytes), () => response.socket?.end());
}

function hangUpBetweenChunks(_: IncomingMessage, response: ServerResponse): void {
  response.write(FEED.subarray(0, 900), () => response.socket?.end());
}

function trickle(_: IncomingMessage, response: ServerResponse): void {
  const timer = setInterval(() => response.write(' '), SHORT / 10);
  response.on('close', () => clearInterval(timer));
}

function xz(bytes: Buffer): Promise<Buffer> {
  return new Promise((resolve) => lzma.compress(bytes, {}, resolve));
}

async function readFrom(bytes: Uint8Array | string): Promise<Advisory[]> {
  return read({ http: NO_HTTP, from: await saved(bytes) });
}

async function saved(bytes: Uint8Array | string): Promise<string> {
  const path = join(directory, 'feed');
  await writeFile(path, bytes);
  return path;
}

async function readServed(listener: RequestListener, limits: Partial<HttpLimits> = {}): Promise<Advisory[]> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const client = createHttpClient({ version: 'test', limits });
  closers.push(async () => {
    await client.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return read({ http: { ...client, get: (_, options) => client.get(`http://127.0.0.1:${port}/`, options) } });
}

async function read(context: FetchContext): Promise<Advisory[]> {
  const outcome = await debian.fetch(context);
  if (outcome.kind !== 'advisories') throw new Error(outcome.kind);
  return collect(outcome.advisories);
}

async function collect(advisories: AsyncIterable<Advisory>): Promise<Advisory[]> {
  const all: Advisory[] = [];
  for await (const advisory of advisories) all.push(advisory);
  return all;
}
