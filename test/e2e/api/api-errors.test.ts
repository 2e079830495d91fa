import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DocumentedApi } from '../../../src/api/testing/api-documentation.ts';
import { startAskedServer } from '../../../src/api/testing/asked-server.ts';
import { type ClairServer, startClairServer } from '../../../src/api/testing/clair-server.ts';
import { ROUTES } from '../../fixtures/api-routes.ts';

const MESSAGE = expect.stringMatching(/^.+ \([a-z]+\/[a-z-]+\)$/);
/** The bodies of errors, by family of the API. */
const SHAPES = {
  first: { Message: MESSAGE },
  stable: { Error: { Message: MESSAGE } },
  either: { Message: MESSAGE, Error: { Message: MESSAGE } },
  v4: {
    code: expect.stringMatching(/^(?:bad-request|not-found|method-not-allowed|too-many-requests|internal-error)$/),
    message: MESSAGE,
  },
  harbor: { error: { message: MESSAGE } },
  v2: {
    error: {
      code: expect.stringMatching(/^[a-z]+\/[a-z-]+$/),
      message: expect.stringMatching(/./),
      remedy: expect.stringMatching(/\.$/),
    },
  },
};

const WITH_BODY = ROUTES.filter(({ body }) => body !== undefined);

let server: ClairServer;
let api: DocumentedApi;
beforeAll(async () => {
  ({ server, api } = await startAskedServer());
});
afterAll(() => server.close());

it.each(['', ';', 'application/json', 'Application/JSON; charset=latin1', 'application/vnd.clair+json'])(
  'a body is parsed as JSON when its type is %j',
  async (type) => {
    const body = JSON.stringify({ LayersIDs: ['base'] });
    const request = { body, headers: { 'content-type': type } };
    expect((await api.send('POST', '/v1/batch/layers/vulnerabilities', request)).status).toBe(200);
  },
);

it('the table has every route', () => {
  expect(ROUTES.map(({ operation }) => operation).toSorted()).toEqual(api.operations.toSorted());
});

it.each<[string, string]>([
  ['POST /v1/batch/layers/vulnerabilities', 'application/json'],
  ['POST /v2/images', 'application/x-tar'],
  ['POST /v2/sboms', 'application/json'],
])('%s rejects an encoded body', async (operation, type) => {
  const [method = '', path = ''] = operation.split(' ');
  const bytes = new Uint8Array(gzipSync('{"LayersIDs":["base"]}'));
  const response = await fetch(`${server.url}${path}`, {
    method,
    body: bytes,
    headers: { 'content-type': type, 'content-encoding': 'gzip' },
  });
  expect([response.status, await response.text()]).toEqual([
    415,
    expect.stringMatching(/^(?=.*Content-Encoding .* is not supported)(?=.*request\/unsupported-type)/s),
  ]);
});

it('only image submissions accept an archive', async () => {
  const request = { body: '{"LayersIDs":["base"]}', headers: { 'content-type': 'application/octet-stream' } };
  expect((await api.send('POST', '/v1/batch/layers/vulnerabilities', request)).status).toBe(415);
  expect((await api.send('POST', '/v2/images', request)).status).toBe(202);
});

describe.each(WITH_BODY)('a body for $operation', ({ operation, path, family, body }) => {
  const [method = ''] = operation.split(' ');
  const first = family === 'first';

  it.each<[string, string, number]>([
    ['that is not JSON', '{"ID": ', first ? 415 : 400],
    ['that is truncated JSON', `${JSON.stringify(body)}}`, first ? 415 : 400],
    ['of two JSON texts', `${JSON.stringify(body)}${JSON.stringify(body)}`, first ? 415 : 400],
    ['that is null', 'null', 400],
    ['that is an array', `[${JSON.stringify(body)}]`, 400],
    ['that is an array of null', '[null]', 400],
    ['that is a number', '7', 400],
    ['that is empty', '', 400],
    ['of more than the limit', JSON.stringify({ ...body, more: 'x'.repeat(limitOf(operation)) }), 413],
  ])('%s', async (_what, sent, status) => {
    const answer = await api.send(method, path, { body: sent });
    expect([answer.headers.get('server'), answer.status, answer.type, answer.body]).toEqual([
      'clair',
      status,
      'application/json; charset=utf-8',
      SHAPES[family],
    ]);
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonp',
    'application/x-tar-archive',
    'x'.repeat(1000),
  ])('of type %j', async (type) => {
    const answer = await api.send(method, path, { body: JSON.stringify(body), headers: { 'content-type': type } });
    expect([answer.status, answer.body]).toEqual([415, SHAPES[family]]);
  });

  it('of more than the limit in chunks, without Content-Length', async () => {
    // Node sends the body of a DELETE in chunks only with this header.
    const headers = { 'transfer-encoding': 'chunked' };
    const sent = httpRequest(`${server.url}${path}`, { method, headers, agent: false });
    sent.on('error', () => undefined);
    for (let bytes = 0; bytes <= limitOf(operation); bytes += PIECE.length) sent.write(PIECE);
    const [answer] = await once(sent.end(), 'response');
    expect([answer.statusCode, await text(answer)]).toEqual([413, expect.stringMatching(/"message"/i)]);
  });

  it('with an array for each object, an object for each array, and an array of null', async () => {
    for (const wrong of misshapen(body)) {
      const answer = await api.send(method, path, { body: wrong });
      expect([wrong, answer.status]).toEqual([wrong, 400]);
    }
  });
});

it.each(WITH_BODY.filter(({ family }) => family !== 'either'))(
  '$operation treats null fields as absent',
  async ({ operation, path, body }) => {
    const [method = ''] = operation.split(' ');
    const answer = await api.send(method, path, { body: nulled(body) });
    const without = await api.send(method, path, { body: {} });
    expect([answer.status, answer.body]).toEqual([without.status, without.body]);
  },
);

const PIECE = 'x'.repeat(32 * 1024);

/** Returns the maximum size of a body in bytes. */
function limitOf(operation: string): number {
  return (operation.endsWith('/affected_manifest') ? 4 : 1) * 1024 * 1024;
}

function misshapen(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return [{ '0': value[0] }, [null], ...value.flatMap(misshapen).map((wrong) => [wrong])];
  const parts = Object.entries(value).flatMap(([name, part]) =>
    misshapen(part).map((wrong) => ({ ...value, [name]: wrong })),
  );
  return [[value], ...parts];
}

function nulled(body: object = {}): object {
  return Object.fromEntries(Object.keys(body).map((name) => [name, null]));
}

describe('when the database does not respond', () => {
  let broken: ClairServer;
  beforeAll(async () => {
    broken = await startClairServer();
    await broken.clair.store.close();
  });
  afterAll(() => broken.close());

  // These routes do not need the database, or report its state themselves.
  const alone = new Set([
    '/v1/versions',
    '/v1/health',
    '/v1/metrics',
    '/indexer/api/v1/index_state',
    '/harbor/api/v1/metadata',
    '/harbor/api/v1/scan/x/report',
    '/webhooks/harbor',
  ]);
  const asking = ROUTES.filter(({ path }) => !alone.has(path));
  it.each(asking)('$operation is 503', async ({ operation, path, family, body, unparsed }) => {
    const [method = ''] = operation.split(' ');
    const sent = body ?? unparsed;
    const answer = await broken.send(method, path, sent && { body: sent });
    const shape = operation === 'POST /v1/layers' ? 'stable' : family;
    expect([answer.status, answer.body]).toEqual([503, SHAPES[shape]]);
    expect(answer.text).toContain('the database is not available');
    expect(answer.text).toContain('database/unavailable');
  });
});
