import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { familySection } from '../../../scripts/pages/api/operation-section.ts';
import type { ReadingOptions } from '../api-options.ts';
import type { OpenApi } from '../openapi.ts';
import { LOGINS, MADE_UP } from '../testing/made-up-family.ts';
import { plainApiToken, startPlainApi } from '../testing/plain-api.ts';
import { createReadingRoutes } from '../threads/reading-routes.ts';
import { FAMILIES } from './index.ts';

const { writer, reader } = LOGINS;
const token = plainApiToken();

let server: FastifyInstance;
let without: FastifyInstance;
let open: FastifyInstance;
beforeAll(async () => {
  const families = [...FAMILIES, MADE_UP];
  server = await startPlainApi(families, { requiresTokens: true });
  without = await startPlainApi(FAMILIES, { requiresTokens: true });
  open = await startPlainApi(families);
});
afterAll(async () => {
  await Promise.all([server, without, open].map((each) => each.close()));
});

type Asked = { readonly authorization?: string; readonly payload?: string; readonly of?: FastifyInstance };

async function ask(operation: string, { authorization, payload, of = server }: Asked = {}): Promise<unknown[]> {
  const [method = '', url = ''] = operation.split(' ');
  const { statusCode, headers, body } = await of.inject({
    method: method as 'GET',
    url,
    ...(payload !== undefined && { payload }),
    headers: { ...(authorization && { authorization }) },
  });
  return [statusCode, body === '' ? undefined : JSON.parse(body), headers['www-authenticate']];
}

const fault = (status: number, message: unknown = expect.any(String)): object => ({ fault: { status, message } });

describe('a new family', () => {
  it('serves all its prefixes', async () => {
    const payload = '{"name":"a"}';
    expect(await ask('POST /made-up/things', { authorization: writer, payload })).toEqual([
      200,
      { name: 'a' },
      undefined,
    ]);
    expect(await ask('GET /also/made-up', { authorization: writer })).toEqual([200, { also: true }, undefined]);
  });

  it.each<[string, string, string | undefined, number, string]>([
    ['a path without a route', 'GET /made-up/nothing', undefined, 404, 'there is no GET /made-up/nothing'],
    ['a path below its other prefix', 'GET /also/made-up/x', undefined, 404, 'there is no GET /also/made-up/x'],
    ['a method without a route', 'DELETE /made-up/things', undefined, 404, 'there is no DELETE /made-up/things'],
    ['a body of another shape', 'POST /made-up/things', '{"name":"too long"}', 400, 'body.name'],
    ['a body that is not JSON', 'POST /made-up/things', '{"na', 400, 'the body is not valid JSON: Unterminated string'],
    [
      'a body with a prototype',
      'POST /made-up/things',
      '{"__proto__":{}}',
      400,
      'the body must not have a field "__proto__"',
    ],
    [
      'a body that is too large',
      'POST /made-up/things',
      ' '.repeat(1024 * 1024 + 1),
      413,
      'the body is larger than 1 MiB',
    ],
    [
      'a body beyond the limit of its route',
      'POST /made-up/small',
      ' '.repeat(2049),
      413,
      'the body is larger than 2 KiB',
    ],
    ['a path that is not UTF-8', 'GET /made-up/%zz', undefined, 400, '/made-up/%zz'],
    ['a status of its own', 'GET /made-up/conflict', undefined, 422, 'the thing is in use'],
    ['an unexpected error', 'GET /made-up/broken', undefined, 500, 'an unexpected error occurred'],
  ])('returns its own error for %s', async (_what, operation, payload, status, message) => {
    const expected = fault(status, expect.stringContaining(message));
    const asked = { authorization: writer, ...(payload !== undefined && { payload }) };
    expect(await ask(operation, asked)).toEqual([status, expected, undefined]);
  });

  it('authenticates each request with its own check, also on a server without tokens', async () => {
    for (const of of [server, open]) {
      for (const path of ['/made-up/long', '/made-up/nothing', '/also/made-up']) {
        for (const asked of [{ of }, { of, authorization: token }, { of, authorization: 'Basic x' }]) {
          const expected = [401, fault(401, 'the login is wrong'), 'Basic realm="made-up"'];
          expect([path, ...(await ask(`GET ${path}`, asked))]).toEqual([path, ...expected]);
        }
      }
    }
  });

  it('grants access with its own check', async () => {
    const asked = { authorization: reader, payload: '{"name":"a"}' };
    expect(await ask('POST /made-up/things', asked)).toEqual([403, fault(403), undefined]);
    expect((await ask('GET /made-up/long', asked))[0]).toBe(200);
  });

  it('applies its own check to every spelling of its paths', async () => {
    for (const path of ['/%6dade-up/long', '/made%2Dup/long', '/also/m%61de-up']) {
      const expected = [401, fault(401), 'Basic realm="made-up"'];
      expect([path, ...(await ask(`GET ${path}`, { authorization: token }))]).toEqual([path, ...expected]);
      expect([path, (await ask(`GET ${path}`, { authorization: writer }))[0]]).toEqual([path, 200]);
    }
  });

  it('does not grant access to other families with its credentials', async () => {
    for (const path of ['/v1/versions', '/v2/status', '/%762/status', '/openapi.json', '/nothing', '/made-upper']) {
      const [status, , challenge] = await ask(`GET ${path}`, { authorization: writer });
      expect([path, status, challenge]).toEqual([path, 401, 'Bearer']);
    }
  });

  it('computes its long responses in threads', async () => {
    const answer = await createReadingRoutes(
      { store: { feeds: { all: async () => [] } } } as unknown as ReadingOptions,
      [MADE_UP],
    );
    expect((await answer({ url: '/made-up/long' })).body).toEqual({ feeds: [] });
  });

  it('is in the OpenAPI document with its errors', async () => {
    const [, document] = (await ask('GET /openapi.json', { authorization: token })) as [number, OpenApi];
    expect(document.tags?.at(-1)).toEqual({ name: 'made-up', description: 'An API for tests.' });
    const operation = document.paths['/made-up/things']?.['post'];
    expect(operation?.tags).toEqual(['made-up']);
    expect(Object.keys(operation?.responses ?? {})).toEqual(['200', '400', '403', '415', '429', '500', '503']);
    expect(operation?.responses['400']?.content?.['application/json']?.schema).toMatchObject({
      properties: { fault: { properties: { status: { type: 'integer' } } } },
    });
    const section = familySection(document, MADE_UP, { examples: [], shapes: new Map() });
    expect(section).toMatch(/^## The made-up API\n\n### POST \/made-up\/things\n\nMake a thing\./);
  });

  it('does not change the OpenAPI operations of other families', async () => {
    const [, document] = (await ask('GET /openapi.json', { authorization: token })) as [number, OpenApi];
    const [, former] = (await ask('GET /openapi.json', { authorization: token, of: without })) as [number, OpenApi];
    const others = Object.entries(document.paths).filter(([path]) => !path.startsWith('/made-up'));
    expect(Object.fromEntries(others)).toEqual(former.paths);
    expect(document.tags?.slice(0, -1)).toEqual(former.tags);
    const v2 = await ask('GET /v2/openapi.json', { authorization: token });
    expect(v2).toEqual(await ask('GET /v2/openapi.json', { authorization: token, of: without }));
  });

  it.each([
    'GET /v1/versions',
    'GET /v1/layers/x/os',
    'GET /v1/layers/x',
    'DELETE /v1/layers/x',
    'POST /v1/layers',
    'POST /v1/batch/layers/vulnerabilities',
    'GET /v1/nothing',
    'GET /v1/%zz',
    'GET /v2/status',
    'GET /v2/images/x',
    'GET /v2/status?x',
    'GET /v2/nothing',
    'GET /v2/%zz',
    'GET /nothing',
    'GET /made-upper',
  ])('does not change the response to %s', async (operation) => {
    const payload = operation.startsWith('POST') ? { payload: '{"x' } : {};
    for (const authorization of [token, 'Basic x', undefined]) {
      const asked = { ...payload, ...(authorization !== undefined && { authorization }) };
      expect(await ask(operation, asked)).toEqual(await ask(operation, { ...asked, of: without }));
    }
  });
});
