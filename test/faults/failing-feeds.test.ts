import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHttpClient, type HttpClient } from '../../src/bytes/http/client.ts';
import { createRetryingHttp } from '../../src/bytes/http/retrying-client.ts';
import { orderedAdvisories } from '../../src/database/queries/vulnerabilities/advisory-order.ts';
import { openStore } from '../../src/database/open-store.ts';
import type { Store } from '../../src/database/contracts/store.ts';
import { BY_NAMESPACE } from '../../src/ecosystems/feed-scheme.ts';
import { ClairError } from '../../src/errors.ts';
import type { CvssScore } from '../../src/model/enrichment.ts';
import type { Enricher } from '../../src/updater/enrichers/enricher.ts';
import { ENRICHERS } from '../../src/updater/enrichers/index.ts';
import type { Fetcher } from '../../src/updater/feed/fetcher.ts';
import { FETCHERS } from '../../src/updater/fetchers/index.ts';
import { createUpdater } from '../../src/updater/updater.ts';
import { advisory } from '../../src/database/testing/packages.ts';
import { tarOf } from '../../src/bytes/testing/tar-builder.ts';

/**
 * Tests upstream failures of every feed and enrichment feed. Each failure must cause a ClairError that names the place,
 * the feed state must show the failure, and the stored data must not change.
 */

const PAGE = '<!doctype html><html><head><title>Sign in</title></head><body>Please sign in.</body></html>';
const JUNK = Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0xff, 0xfe, 0x80, 0x22, 0x3a, 0x31, 0x7d]);
const TAR = tarOf({ name: 'notes.txt', content: 'nothing of any feed\n'.repeat(200) });

const ANSWERS: readonly [string, RequestListener][] = [
  ['404', (_, response) => void response.writeHead(404).end(PAGE)],
  ['429 with a Retry-After of an hour', busy],
  ['500 repeatedly', (_, response) => void response.writeHead(500).end()],
  ['304 to an unconditional request', (_, response) => void response.writeHead(304).end()],
  ['a redirect to itself', (request, response) => void response.writeHead(302, { location: request.url }).end()],
  ['an empty response', (_, response) => void response.end()],
  ['a page instead of data', (_, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end(PAGE)],
  ['invalid UTF-8', (_, response) => void response.end(JUNK)],
  ['a truncated compressed file', (_, response) => void response.end(gzipSync(TAR).subarray(0, 60))],
  ['a truncated archive', (_, response) => void response.end(TAR.subarray(0, 700))],
  ['a truncated response', cutOff],
];

const COPIES: readonly [string, (path: string) => void][] = [
  ['nothing', () => undefined],
  ['an empty file', (path) => writeFileSync(path, '')],
  ['a page', (path) => writeFileSync(path, PAGE)],
  ['invalid UTF-8', (path) => writeFileSync(path, JUNK)],
  ['a truncated archive', (path) => writeFileSync(path, TAR.subarray(0, 700))],
  ['an archive with other contents', (path) => writeFileSync(path, TAR)],
  ['a truncated compressed file', (path) => writeFileSync(path, gzipSync(TAR).subarray(0, 60))],
  ['an empty directory', (path) => mkdirSync(path)],
  ['a truncated zip', (path) => writeFileSync(path, 'PK\u0003\u0004\u0014\u0000')],
];

const folder = mkdtempSync(join(tmpdir(), 'clair-feeds-'));
let server: Server;
let origin: string;
let answer: RequestListener;
let client: HttpClient;
let store: Store;
let copies = 0;

beforeAll(async () => {
  server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  client = createHttpClient({ version: '1' });
});
afterAll(async () => {
  await client.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  store = await openStore({ type: 'memory' });
});
afterEach(() => store.close());

/** Sends all requests of a feed to the test server, and retries without waiting. */
const http = createRetryingHttp(
  { get: async (url, options) => await client.get(`${origin}${new URL(url).pathname}`, options) },
  async () => undefined,
);

async function failureOf(feed: Fetcher | Enricher, from?: string): Promise<ClairError> {
  await storeData(feed);
  const addresses = { ubuntu: `${origin}/ubuntu-cve-tracker` };
  const [fetchers, enrichers] = 'scheme' in feed ? [[feed], []] : [[], [feed]];
  const updater = createUpdater({ store, fetchers, enrichers, http, now: () => 2, settings: { addresses } });
  const failure: unknown = await updater
    .update(feed.id, from === undefined ? {} : { from })
    .catch((error: unknown) => error);
  if (!(failure instanceof ClairError))
    throw new Error('the update did not fail with a ClairError', { cause: failure });
  expect(await isDataThere(feed)).toBe(true);
  const state = await store.feeds.find(feed.id);
  expect(state).toMatchObject({ lastAttempt: 2, lastSuccess: 1, error: failure.message, vulnerabilities: 1 });
  return failure;
}

const CVE = 'CVE-2099-0001';

const SCORE: CvssScore = {
  version: '3.1',
  vector: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H',
  score: 9.8,
  source: 'nvd',
  type: 'primary',
  accessVector: 'network',
  complexity: 'low',
};

async function storeData(feed: Fetcher | Enricher): Promise<void> {
  const recordDiagnostics = { count: 0, examples: [] };
  const state = {
    feed: feed.id,
    fetcherVersion: feed.version,
    etag: null,
    lastModified: null,
    recordDiagnostics,
    at: 1,
  };
  if ('scheme' in feed) {
    const [namespace = ''] = feed.scheme === BY_NAMESPACE ? feed.distributions : ['distribution:1'];
    const advisories = orderedAdvisories([advisory(CVE, { package: 'a', namespace })]);
    await store.vulnerabilities.update({ ...state, scheme: feed.scheme, advisories });
  } else {
    await store.enrichments.update({
      ...state,
      kind: feed.kind,
      enrichments: [{ cve: CVE, value: feed.kind === 'cvss' ? JSON.stringify([SCORE]) : '{}' }],
    });
  }
}

async function isDataThere(feed: Fetcher | Enricher): Promise<boolean> {
  return 'scheme' in feed
    ? (await store.vulnerabilities.find(CVE)).length === 1
    : (await store.enrichments.ofCves([CVE])).get(CVE)?.[feed.kind] !== undefined;
}

const FEEDS = [...FETCHERS, ...ENRICHERS].map((feed): [string, Fetcher | Enricher] => [feed.id, feed]);

describe.each(FEEDS)('%s', (_, feed) => {
  it.each(ANSWERS)('keeps its data when upstream returns %s', async (_answer, listener) => {
    answer = listener;
    expect((await failureOf(feed)).code).toMatch(/^(bytes|feed)\//);
  });

  it.each(COPIES)('keeps its data when the copy is %s', async (_copy, write) => {
    const path = join(folder, `copy-${(copies += 1)}`);
    write(path);
    const { code, message } = await failureOf(feed, path);
    expect(code).toMatch(/^(bytes|feed)\//);
    expect(message).toContain(path);
  });
});

function busy(_: unknown, response: ServerResponse): void {
  response.writeHead(429, { 'retry-after': '3600' }).end();
}

function cutOff(_: unknown, response: ServerResponse): void {
  response.writeHead(200, { 'content-length': 5000 });
  response.write('{"a": {', () => setImmediate(() => response.destroy()));
}
