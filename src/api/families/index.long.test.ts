import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RouteOptions } from '../api-options.ts';
import { plainApiToken, startPlainApi } from '../testing/plain-api.ts';
import { FAMILIES } from './index.ts';

describe('the list of API families', () => {
  it('has the family of each folder, with unique IDs', () => {
    const folder = fileURLToPath(new URL('..', import.meta.url));
    const files = readdirSync(folder, { recursive: true }).filter((path) => /[/\\]family\.ts$/.test(String(path)));
    expect(FAMILIES).toHaveLength(files.length);
    expect(new Set(FAMILIES.map(({ id }) => id)).size).toBe(FAMILIES.length);
  });

  it.each(FAMILIES.flatMap(({ id, mounts }) => mounts.map((mount) => ({ id, ...mount }))))(
    'of $id at $prefix registers all routes marked isLong in threads',
    async ({ routes, longRoutes }) => {
      const all = await longRoutesOf((server) => routes(server, NO_SERVICES));
      expect(await longRoutesOf(async (server) => longRoutes?.(server, NO_SERVICES))).toEqual(all);
    },
  );
});

/** No test calls the services: registering routes only reads the store. */
const NO_SERVICES = { store: {} } as RouteOptions;

async function longRoutesOf(register: (server: FastifyInstance) => Promise<void>): Promise<string[]> {
  const server: FastifyInstance = Fastify();
  const urls: string[] = [];
  server.addHook('onRoute', ({ method, url, config }) => {
    if (config?.isLong === true && method !== 'HEAD') urls.push(`${String(method)} ${url}`);
  });
  await server.register(async (scope) => await register(scope));
  await server.close();
  return urls.toSorted();
}

describe('a request that no route matches', () => {
  let server: FastifyInstance;
  beforeAll(async () => {
    server = await startPlainApi(FAMILIES, { requiresTokens: true });
  });
  afterAll(() => server.close());

  const message = expect.stringMatching(/ \([a-z]+\/[a-z-]+\)$/);
  const either = { Message: message, Error: { Message: message } };
  const v2 = { error: { code: expect.any(String), message: expect.any(String), remedy: expect.any(String) } };

  it.each<[string, object]>([
    ['/v1', either],
    ['/v1/nothing', either],
    ['/v1/%zz', either],
    ['/v2', v2],
    ['/v2/', v2],
    ['/v2?x=/v1', v2],
    ['/v2/nothing', v2],
    ['/v2/%zz', v2],
    ['/v2x', either],
    ['/V2/status', either],
    ['/nothing?x=/v2/', either],
    ['/nothing/v2/', either],
  ])('fails at %s in the error format of its prefix', async (url, body) => {
    const authorization = plainApiToken();
    const known = await server.inject({ url, headers: { authorization } });
    expect([known.statusCode, known.json()]).toEqual([url.endsWith('%zz') ? 400 : 404, body]);
    if (url.endsWith('%zz')) return;
    const unknown = await server.inject({ url });
    expect([unknown.statusCode, unknown.json()]).toEqual([401, body]);
  });

  it('selects the generation by the body only at routes with such bodies', async () => {
    const headers = { authorization: plainApiToken(), 'content-type': 'application/json' };
    const payload = '{"Layer":{}}';
    const shared = await server.inject({ method: 'POST', url: '/v1/layers', headers, payload });
    expect([shared.statusCode, shared.json()]).toEqual([400, { Error: { Message: message } }]);
    const nothing = await server.inject({ method: 'POST', url: '/v1/nothing', headers, payload });
    expect([nothing.statusCode, nothing.json()]).toEqual([404, either]);
  });
});
