import Fastify, { type FastifyInstance } from 'fastify';
import { beforeEach, describe, expect, it } from 'vitest';
import type { FeedState } from '../model/feed.ts';
import { encodeAnswers } from './answer-encoding.ts';
import { cacheResponses } from './response-cache.ts';

const FRESH_UNTIL = 2000;
const SOURCE: FeedState = {
  feed: 'debian',
  fetcherVersion: 1,
  lastAttempt: 1000,
  lastSuccess: 1000,
  error: null,
  refused: null,
  etag: null,
  lastModified: null,
  vulnerabilities: 0,
  recordDiagnostics: { count: 0, examples: [] },
  staleAfter: FRESH_UNTIL - 1000,
};

let version = 1;
let now = 1500;
/** The number of computed responses. */
let made = 0;
let whileMade = (): void => undefined;
let server: FastifyInstance;

beforeEach(async () => {
  [version, now, made, whileMade] = [1, 1500, 0, () => undefined];
  server = Fastify();
  const store = { version: async () => version, feeds: { all: async () => [SOURCE] } };
  cacheResponses(server, { store: store as never, now: () => now });
  await encodeAnswers(server);
  server.get('/kept', { config: { isCached: true } }, async (_request, reply) => {
    made += 1;
    whileMade();
    return reply.header('clair-problems', 'feed-stale').send({ made });
  });
  server.get('/other', async () => ({ made: (made += 1) }));
  server.get('/failing', { config: { isCached: true } }, async () => {
    made += 1;
    throw new Error('no');
  });
});

async function get(url = '/kept', headers: Record<string, string> = {}) {
  return await server.inject({ url, headers });
}

describe('a cached response', () => {
  it('is reused with all headers until the next write', async () => {
    const first = await get();
    const second = await get();
    expect(made).toBe(1);
    expect(second.json()).toEqual({ made: 1 });
    const { date: _first, ...headers } = first.headers;
    expect(second.headers).toMatchObject(headers);
    expect(headers).toMatchObject({ etag: expect.any(String), 'clair-problems': 'feed-stale' });
  });

  it.each<[string, () => void]>([
    ['the database has another version', () => (version += 1)],
    ['a feed has become stale', () => (now = FRESH_UNTIL + 1)],
  ])('is computed again when %s', async (_, change) => {
    await get();
    change();
    expect((await get()).json()).toEqual({ made: 2 });
    expect((await get()).json()).toEqual({ made: 2 });
  });

  it('is computed again on the next day, because the support of a release may have ended', async () => {
    now = Date.parse('2026-08-31T23:59:59.999Z');
    expect((await get()).json()).toEqual({ made: 1 });
    expect((await get()).json()).toEqual({ made: 1 });
    now += 1;
    expect((await get()).json()).toEqual({ made: 2 });
  });

  it('is not reused after a write during its computation', async () => {
    whileMade = () => (version += 1);
    await get();
    whileMade = () => undefined;
    expect((await get()).json()).toEqual({ made: 2 });
  });

  it('is not sent again to a client with its ETag', async () => {
    const tag = String((await get()).headers.etag);
    const again = await get('/kept', { 'if-none-match': tag });
    expect([again.statusCode, again.body, made]).toEqual([304, '', 1]);
  });

  it('is compressed for clients that accept gzip', async () => {
    server.get('/long', { config: { isCached: true } }, async () => ({ text: 'a'.repeat(10_000) }));
    const plain = (await get('/long')).rawPayload.length;
    const packed = await get('/long', { 'accept-encoding': 'gzip' });
    expect(packed.headers['content-encoding']).toBe('gzip');
    expect(packed.rawPayload.length).toBeLessThan(plain / 10);
  });
});

describe('a response is not cached', () => {
  it.each(['/other', '/failing'])('for %s', async (url) => {
    await get(url);
    await get(url);
    expect(made).toBe(2);
  });

  it('for another URL', async () => {
    await get('/kept?features');
    await get('/kept?vulnerabilities');
    expect(made).toBe(2);
  });
});
