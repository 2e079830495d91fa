import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DocumentedApi } from '../../../src/api/testing/api-documentation.ts';
import { startAskedServer } from '../../../src/api/testing/asked-server.ts';
import { type ClairServer, startClairServer } from '../../../src/api/testing/clair-server.ts';

const MESSAGE = expect.stringMatching(/^.+ \([a-z]+\/[a-z-]+\)$/);
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

type Route = {
  /** The name of the operation in the OpenAPI document. */
  readonly operation: string;
  readonly path: string;
  readonly family: keyof typeof SHAPES;
  readonly body?: object;
  /** A body that the route does not parse before its response. */
  readonly unparsed?: object;
};

const NAMESPACE = '/v1/namespaces/debian:12/vulnerabilities';
const DIGEST = `sha256:${'0'.repeat(64)}`;
const IMAGE = `/v2/images/${DIGEST}`;
const VULNERABILITY = { Name: 'OWN-1', Severity: 'Low' };
const PACKAGE = { OS: 'debian:12', Name: 'zlib', AllVersions: true };

const ROUTES: readonly Route[] = [
  {
    operation: 'POST /v1/layers',
    path: '/v1/layers',
    family: 'either',
    body: { Layer: { Name: 'x', Path: '/x', Format: 'Docker' } },
  },
  { operation: 'DELETE /v1/layers/{name}', path: '/v1/layers/x', family: 'either' },
  { operation: 'GET /v1/health', path: '/v1/health', family: 'first' },
  { operation: 'GET /v1/versions', path: '/v1/versions', family: 'first' },
  ...['os', 'parent', 'packages', 'packages/diff', 'vulnerabilities', 'vulnerabilities/diff'].map(
    (what): Route => ({
      operation: `GET /v1/layers/{id}/${what}`,
      path: `/v1/layers/base/${what}`,
      family: 'first',
    }),
  ),
  {
    operation: 'POST /v1/batch/layers/vulnerabilities',
    path: '/v1/batch/layers/vulnerabilities',
    family: 'first',
    body: { LayersIDs: ['base'] },
  },
  {
    operation: 'POST /v1/vulnerabilities',
    path: '/v1/vulnerabilities',
    family: 'first',
    body: { ID: 'OWN-1', Link: 'https://tracker.test', Priority: 'Low', AffectedPackages: [PACKAGE] },
  },
  { operation: 'GET /v1/vulnerabilities/{id}', path: '/v1/vulnerabilities/CVE-2099-0001', family: 'first' },
  {
    operation: 'PUT /v1/vulnerabilities/{id}',
    path: '/v1/vulnerabilities/CVE-2099-0001',
    family: 'first',
    body: { FixedIn: [PACKAGE] },
  },
  { operation: 'DELETE /v1/vulnerabilities/{id}', path: '/v1/vulnerabilities/CVE-2099-0001', family: 'first' },
  {
    operation: 'GET /v1/vulnerabilities/{id}/introducing-layers',
    path: '/v1/vulnerabilities/CVE-2099-0001/introducing-layers',
    family: 'first',
  },
  {
    operation: 'POST /v1/vulnerabilities/{id}/affected-layers',
    path: '/v1/vulnerabilities/CVE-2099-0001/affected-layers',
    family: 'first',
    body: { LayersIDs: ['base'] },
  },
  { operation: 'GET /v1/metrics', path: '/v1/metrics', family: 'stable' },
  { operation: 'GET /v1/layers/{name}', path: '/v1/layers/base?vulnerabilities', family: 'stable' },
  { operation: 'GET /v1/namespaces', path: '/v1/namespaces', family: 'stable' },
  { operation: 'GET /v1/namespaces/{namespace}/vulnerabilities', path: `${NAMESPACE}?limit=1`, family: 'stable' },
  {
    operation: 'POST /v1/namespaces/{namespace}/vulnerabilities',
    path: NAMESPACE,
    family: 'stable',
    body: { Vulnerability: { ...VULNERABILITY, FixedIn: [{ Name: 'zlib', Version: 'None' }] } },
  },
  {
    operation: 'GET /v1/namespaces/{namespace}/vulnerabilities/{name}',
    path: `${NAMESPACE}/CVE-2099-0001`,
    family: 'stable',
  },
  {
    operation: 'PUT /v1/namespaces/{namespace}/vulnerabilities/{name}',
    path: `${NAMESPACE}/CVE-2099-0001`,
    family: 'stable',
    body: { Vulnerability: VULNERABILITY },
  },
  {
    operation: 'DELETE /v1/namespaces/{namespace}/vulnerabilities/{name}',
    path: `${NAMESPACE}/CVE-2099-0001`,
    family: 'stable',
  },
  {
    operation: 'GET /v1/namespaces/{namespace}/vulnerabilities/{name}/fixes',
    path: `${NAMESPACE}/CVE-2099-0001/fixes`,
    family: 'stable',
  },
  {
    operation: 'PUT /v1/namespaces/{namespace}/vulnerabilities/{name}/fixes/{feature}',
    path: `${NAMESPACE}/CVE-2099-0001/fixes/zlib`,
    family: 'stable',
    body: { Feature: { Version: 'None' } },
  },
  {
    operation: 'DELETE /v1/namespaces/{namespace}/vulnerabilities/{name}/fixes/{feature}',
    path: `${NAMESPACE}/CVE-2099-0001/fixes/openssl`,
    family: 'stable',
  },
  { operation: 'GET /v1/notifications/{name}', path: '/v1/notifications/n1?limit=1', family: 'stable' },
  { operation: 'DELETE /v1/notifications/{name}', path: '/v1/notifications/n1', family: 'stable' },
  { operation: 'GET /v2/ignore-rules', path: '/v2/ignore-rules', family: 'v2' },
  { operation: 'POST /v2/ignore-rules', path: '/v2/ignore-rules', family: 'v2', body: { package: 'a', reason: 'r' } },
  { operation: 'GET /v2/ignore-rules/{name}', path: '/v2/ignore-rules/none', family: 'v2' },
  { operation: 'DELETE /v2/ignore-rules/{name}', path: '/v2/ignore-rules/none', family: 'v2' },
  {
    operation: 'GET /v2/comparison',
    path: `/v2/comparison?before=${DIGEST}&after=${DIGEST}`,
    family: 'v2',
  },
  { operation: 'GET /v2/overview', path: '/v2/overview', family: 'v2' },
  { operation: 'GET /v2/images', path: '/v2/images', family: 'v2' },
  { operation: 'GET /v2/images/{digest}', path: IMAGE, family: 'v2' },
  { operation: 'DELETE /v2/images/{digest}', path: IMAGE, family: 'v2' },
  { operation: 'GET /v2/images/{digest}/report', path: `${IMAGE}/report`, family: 'v2' },
  { operation: 'GET /v2/images/{digest}/graph', path: `${IMAGE}/graph`, family: 'v2' },
  { operation: 'GET /v2/images/{digest}/upgrades', path: `${IMAGE}/upgrades`, family: 'v2' },
  {
    operation: 'GET /v2/images/{digest}/changes',
    path: `${IMAGE}/changes?since=2026-01-01`,
    family: 'v2',
  },
  { operation: 'GET /v2/vulnerabilities', path: '/v2/vulnerabilities', family: 'v2' },
  { operation: 'GET /v2/vulnerabilities/{id}', path: '/v2/vulnerabilities/CVE-2099-0001', family: 'v2' },
  {
    operation: 'GET /v2/vulnerabilities/{id}/layers',
    path: '/v2/vulnerabilities/CVE-2099-0001/layers',
    family: 'v2',
  },
  {
    operation: 'GET /v2/vulnerabilities/{id}/images',
    path: '/v2/vulnerabilities/CVE-2099-0001/images',
    family: 'v2',
  },
  { operation: 'POST /v2/images', path: '/v2/images', family: 'v2', body: { reference: 'localhost:1/a:1' } },
  { operation: 'POST /v2/sboms', path: '/v2/sboms', family: 'v2', unparsed: {} },
  { operation: 'GET /v2/submissions', path: '/v2/submissions', family: 'v2' },
  { operation: 'GET /v2/submissions/{id}', path: '/v2/submissions/x', family: 'v2' },
  { operation: 'GET /v2/submissions/{id}/events', path: '/v2/submissions/x/events', family: 'v2' },
  { operation: 'GET /v2/status', path: '/v2/status', family: 'v2' },
  { operation: 'GET /v2/changes', path: '/v2/changes', family: 'v2' },
  { operation: 'GET /v2/feeds', path: '/v2/feeds', family: 'v2' },
  { operation: 'GET /v2/file-rules', path: '/v2/file-rules', family: 'v2' },
  {
    operation: 'POST /v2/file-rules',
    path: '/v2/file-rules',
    family: 'v2',
    body: { id: 'EVIL-1', paths: ['/opt/evil'], severity: 'High' },
  },
  { operation: 'GET /v2/file-rules/{id}', path: '/v2/file-rules/EVIL-1', family: 'v2' },
  { operation: 'DELETE /v2/file-rules/{id}', path: '/v2/file-rules/EVIL-1', family: 'v2' },
  { operation: 'GET /v2/notifications', path: '/v2/notifications', family: 'v2' },
  { operation: 'POST /v2/notifications/retry', path: '/v2/notifications/retry', family: 'v2' },
  {
    operation: 'POST /indexer/api/v1/index_report',
    path: '/indexer/api/v1/index_report',
    family: 'v4',
    body: { hash: DIGEST, layers: [{ hash: DIGEST, uri: 'http://127.0.0.2/x' }] },
  },
  {
    operation: 'DELETE /indexer/api/v1/index_report',
    path: '/indexer/api/v1/index_report',
    family: 'v4',
    body: [DIGEST],
  },
  {
    operation: 'GET /indexer/api/v1/index_report/{digest}',
    path: `/indexer/api/v1/index_report/${DIGEST}`,
    family: 'v4',
  },
  {
    operation: 'DELETE /indexer/api/v1/index_report/{digest}',
    path: `/indexer/api/v1/index_report/${DIGEST}`,
    family: 'v4',
  },
  {
    operation: 'GET /matcher/api/v1/vulnerability_report/{digest}',
    path: `/matcher/api/v1/vulnerability_report/${DIGEST}`,
    family: 'v4',
  },
  { operation: 'GET /indexer/api/v1/index_state', path: '/indexer/api/v1/index_state', family: 'v4' },
  {
    operation: 'GET /notifier/api/v1/notification/{id}',
    path: '/notifier/api/v1/notification/3d4a8bc6-9b5e-4a0f-8a6c-0d6b8f3c2a11',
    family: 'v4',
  },
  {
    operation: 'DELETE /notifier/api/v1/notification/{id}',
    path: '/notifier/api/v1/notification/3d4a8bc6-9b5e-4a0f-8a6c-0d6b8f3c2a11',
    family: 'v4',
  },
  { operation: 'GET /harbor/api/v1/metadata', path: '/harbor/api/v1/metadata', family: 'harbor' },
  {
    operation: 'POST /harbor/api/v1/scan',
    path: '/harbor/api/v1/scan',
    family: 'harbor',
    body: { registry: { url: 'http://localhost:1' }, artifact: { repository: 'a', digest: DIGEST } },
  },
  { operation: 'GET /harbor/api/v1/scan/{id}/report', path: '/harbor/api/v1/scan/x/report', family: 'harbor' },
  { operation: 'POST /webhooks/{kind}', path: '/webhooks/harbor', family: 'v2' },
  { operation: 'POST /v2/notifications/{name}/retry', path: '/v2/notifications/n1/retry', family: 'v2' },
];

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
    ['of more than 1 MiB', JSON.stringify({ ...body, more: 'x'.repeat(1024 * 1024) }), 413],
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

  it('of more than 1 MiB in chunks, without Content-Length', async () => {
    // Node sends the body of a DELETE in chunks only with this header.
    const headers = { 'transfer-encoding': 'chunked' };
    const sent = httpRequest(`${server.url}${path}`, { method, headers, agent: false });
    sent.on('error', () => undefined);
    for (let piece = 0; piece < 40; piece += 1) sent.write('x'.repeat(32 * 1024));
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
