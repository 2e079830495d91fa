import { randomBytes } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DocumentedApi, documentedApi } from '../../../src/api/testing/api-documentation.ts';
import { type ClairServer, startClairServer } from '../../../src/api/testing/clair-server.ts';
import { buildDemoLayers, DEMO_FEED } from '../../fixtures/demo-image.ts';
import { tarHeader, tarOf } from '../../../src/bytes/testing/tar-builder.ts';

let server: ClairServer;
let api: DocumentedApi;
let engine: number;
const inFolder = (name: string): string => join(server.folder, name);

/** Returns a request with all fields that the clients of Clair v2 send, most of them empty. */
function envelope(layer: object): object {
  return { Layer: { NamespaceName: '', IndexedByVersion: 0, Features: null, Headers: null, ...layer }, Error: null };
}

beforeAll(async () => {
  server = await startClairServer();
  api = await documentedApi(server);
  engine = server.clair.worker.engineVersion;
  await server.clair.updater.update('debian', { from: DEMO_FEED });
  for (const [index, { tar }] of (await buildDemoLayers()).entries()) {
    writeFileSync(inFolder(`${index}.tar`), tar);
    const layer = { Name: `sha256:${index}`, Path: inFolder(`${index}.tar`), Format: 'Docker' };
    const parent = index === 0 ? {} : { ParentName: `sha256:${index - 1}` };
    const answer = await api.send('POST', '/v1/layers', { body: envelope({ ...layer, ...parent }) });
    expect(answer).toMatchObject({
      status: 201,
      type: 'application/json; charset=utf-8',
      body: { Layer: { ...layer, ...parent, IndexedByVersion: engine } },
    });
  }
});
afterAll(() => server.close());

type Row = readonly [method: string, path: string, body: unknown, status: number, answer: unknown];

const message = (text: string) => ({ Error: { Message: expect.stringContaining(text) } });
const layerError = (fields: object) => envelope({ Name: 'x', Path: '/none', Format: 'Docker', ...fields });
/** The diagnostic about the undetermined packages of the demo feed. */
const UNDECIDED = [expect.objectContaining({ code: 'feed-undecided', where: 'debian' })];
const NAMESPACE = '/v1/namespaces/debian:12/vulnerabilities';

describe('a layer', () => {
  it.each<[string, Row]>([
    [
      'by name',
      [
        'GET',
        '/v1/layers/sha256:0',
        undefined,
        200,
        {
          Layer: { Name: 'sha256:0', NamespaceName: 'debian:12', IndexedByVersion: expect.any(Number) },
          Problems: UNDECIDED,
        },
      ],
    ],
    [
      'with its parent',
      [
        'GET',
        '/v1/layers/sha256%3A3',
        undefined,
        200,
        { Layer: expect.objectContaining({ ParentName: 'sha256:2' }), Problems: UNDECIDED },
      ],
    ],
    ['of an unknown name', ['GET', '/v1/layers/none?features', undefined, 404, message('(layer/not-found)')]],
  ])('%s', async (_what, [method, path, body, status, answer]) => {
    expect(await api.ask(method, path, body)).toEqual([status, answer]);
  });

  it.each(['features', 'features=', 'features=false', 'features&features', 'features=true&x=1'])(
    'has features with ?%s',
    async (query) => {
      const { body } = await api.send<{ Layer: { Features: object[] } }>('GET', `/v1/layers/sha256:1?${query}`);
      expect(body.Layer.Features).toHaveLength(6);
      expect(body.Layer.Features).toContainEqual({
        Name: 'libssl3',
        NamespaceName: 'debian:12',
        VersionFormat: 'dpkg',
        Version: '3.0.11-1~deb12u2',
        Arch: 'amd64',
        SourceName: 'openssl',
        SourceVersion: '3.0.11-1~deb12u2',
        AddedBy: 'sha256:0',
      });
    },
  );

  it.each(['vulnerabilities', 'vulnerabilities=false', 'features&vulnerabilities'])(
    'has vulnerabilities, and so features, with ?%s',
    async (query) => {
      type Body = { Layer: { Features: { Name: string; Vulnerabilities?: object[]; AddedBy: string }[] } };
      const { body } = await api.send<Body>('GET', `/v1/layers/sha256:1?${query}`);
      const curl = body.Layer.Features.find(({ Name }) => Name === 'curl');
      expect(curl?.AddedBy).toBe('sha256:1');
      expect(curl?.Vulnerabilities).toEqual([
        {
          Name: 'CVE-2099-0003',
          NamespaceName: 'debian:12',
          Description: 'A redirect of the demonstration sends the password to another host.',
          Link: 'https://security-tracker.debian.org/tracker/CVE-2099-0003',
          Severity: 'Medium',
          FixedBy: '7.88.1-10+deb12u5',
        },
        {
          Name: 'CVE-2099-0004',
          NamespaceName: 'debian:12',
          Description: 'Cookies of the demonstration are kept longer than asked.',
          Link: 'https://security-tracker.debian.org/tracker/CVE-2099-0004',
          Severity: 'Medium',
        },
      ]);
      expect(body.Layer.Features.find(({ Name }) => Name === 'base-files')).not.toHaveProperty('Vulnerabilities');
    },
  );

  it('of a release without a feed has a header and a field that state this, in both generations', async () => {
    const other = await startClairServer();
    writeFileSync(join(other.folder, '0.tar'), (await buildDemoLayers())[0]?.tar ?? '');
    await other.send('POST', '/v1/layers', {
      body: envelope({ Name: 'x', Path: join(other.folder, '0.tar'), Format: 'Docker' }),
    });
    for (const path of [
      '/v1/layers/x',
      '/v1/layers/x?vulnerabilities',
      '/v1/layers/x/packages/diff',
      '/v1/layers/x/vulnerabilities',
    ]) {
      const { headers, body } = await other.send('GET', path);
      expect(headers.get('clair-problems')).toBe('namespace-without-data');
      expect(body).toMatchObject({ Problems: [{ code: 'namespace-without-data', where: 'debian:12' }] });
    }
    await other.clair.updater.update('debian', { from: DEMO_FEED });
    expect((await other.send('GET', '/v1/layers/x')).headers.get('clair-problems')).toBe('feed-undecided');
    await other.close();
  });

  it('by URL is fetched with the headers of the envelope, which only the response to this request repeats', async () => {
    const seen: IncomingHttpHeaders[] = [];
    const [base] = await buildDemoLayers();
    const upstream = createServer((request, response) => {
      seen.push(request.headers);
      response.end(base?.tar);
    });
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
    const Path = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/layer`;
    const layer = { Name: 'by url', Path, Format: 'docker', Headers: { Authorization: 'Bearer secret' } };
    expect((await api.send('POST', '/v1/layers', { body: envelope(layer) })).status).toBe(201);
    expect(seen.map(({ authorization }) => authorization)).toEqual(['Bearer secret']);
    expect((await api.send('GET', '/v1/layers/by%20url')).text).not.toContain('secret');
    upstream.close();
  });

  it('is not read again when it is posted again, even if its file and its parent changed', async () => {
    const Path = inFolder('gone.tar');
    writeFileSync(Path, (await buildDemoLayers())[0]?.tar ?? '');
    const layer = { Name: 'again', Path, Format: 'Docker' };
    expect((await api.send('POST', '/v1/layers', { body: envelope(layer) })).status).toBe(201);
    rmSync(Path);
    for (const again of [layer, { ...layer, ParentName: 'nobody' }, { ...layer, Path: 'http://127.0.0.1:1/' }]) {
      expect(await api.send('POST', '/v1/layers', { body: envelope(again) })).toMatchObject({ status: 201 });
    }
    expect(await api.ask('POST', '/v1/layers', { ID: 'again', Path })).toEqual([201, { Version: String(engine) }]);
    expect((await api.send('GET', '/v1/layers/again')).body).not.toHaveProperty('Layer.ParentName');
  });

  it('accepts its fields in any case', async () => {
    const body = JSON.stringify({ layer: { name: 'lower', path: inFolder('0.tar'), format: 'DOCKER' } });
    expect(await api.send('POST', '/v1/layers', { body })).toMatchObject({
      status: 201,
      body: { Layer: { Name: 'lower' } },
    });
  });

  it.each<[string, unknown, number, unknown]>([
    ['no layer', { Layer: null }, 400, message('Layer')],
    ['an array as the layer', { Layer: [] }, 400, message('body.Layer must be object')],
    ['no name', layerError({ Name: undefined }), 400, message('Name')],
    ['an empty name', layerError({ Name: '' }), 400, message('Name')],
    ['no path', layerError({ Path: undefined }), 400, message('Path')],
    ['no format', layerError({ Format: '' }), 400, message('Format')],
    ['another format', layerError({ Format: 'VHD' }), 400, message('VHD')],
    ['an unknown parent', layerError({ ParentName: 'nobody' }), 400, message('(layer/parent-unknown)')],
    ['a path that is not allowed', layerError({ Path: '/etc/passwd' }), 400, message('(layer/path-not-allowed)')],
    ['a URL without a server', layerError({ Path: 'http://127.0.0.1:1/layer' }), 400, message('(bytes/unreachable)')],
    [
      'a header that contains a line break',
      layerError({ Path: 'http://127.0.0.1:1/', Headers: { a: 'b\r\nc: d' } }),
      400,
      message('header a'),
    ],
  ])('with %s is rejected', async (_what, body, status, answer) => {
    expect(await api.ask('POST', '/v1/layers', body)).toEqual([status, answer]);
    expect((await api.send('GET', '/v1/layers/x')).status).toBe(404);
  });

  it('with missing data is 400', async () => {
    expect(await api.ask('POST', '/v1/layers', layerError({ Path: inFolder('none.tar') }))).toEqual([
      400,
      message('(bytes/not-found)'),
    ]);
  });

  it.each([
    ['no archive', Buffer.from('<html>'.repeat(200)), 'corrupt'],
    [
      'truncated',
      gzipSync(tarOf({ name: 'a', content: randomBytes(9000).toString('hex') })).subarray(0, 5000),
      'truncated',
    ],
    ['compressed twice', gzipSync(gzipSync(tarOf({ name: 'etc/os-release', content: '' }))), 'corrupt'],
    [
      'an archive with a file of more than 200 MiB',
      tarHeader({ name: 'var/lib/dpkg/status', size: 200 * 1024 * 1024 + 1 }),
      'limit-exceeded',
    ],
  ])('that is %s is 422, and 400 in the first generation', async (_what, bytes, code) => {
    const Path = inFolder('broken.tar');
    writeFileSync(Path, bytes);
    const error = `(bytes/${code})`;
    expect(await api.ask('POST', '/v1/layers', layerError({ Path }))).toEqual([422, message(error)]);
    const first = { Message: expect.stringContaining(error) };
    expect(await api.ask('POST', '/v1/layers', { ID: 'x', Path })).toEqual([400, first]);
    expect((await api.send('GET', '/v1/layers/x')).status).toBe(404);
  });

  it('is deleted with its descendants, with an empty 200, and is 404 after that', async () => {
    const post = async (Name: string, ParentName?: string): Promise<void> => {
      const layer = { Name, ParentName, Path: inFolder('0.tar'), Format: 'Docker' };
      expect((await api.send('POST', '/v1/layers', { body: envelope(layer) })).status).toBe(201);
    };
    await post('a/b');
    await post('child', 'a/b');
    expect(await api.send('DELETE', '/v1/layers/a%2Fb')).toMatchObject({ status: 200, text: '' });
    for (const name of ['child', 'a%2Fb']) {
      expect(await api.ask('GET', `/v1/layers/${name}`)).toEqual([404, message('(layer/not-found)')]);
      const { status, body } = await api.send('DELETE', `/v1/layers/${name}`);
      // Neither the path nor a body shows the generation, so the error has the format of both generations.
      expect([status, body]).toEqual([404, { ...message('not-found'), Message: expect.stringContaining('not-found') }]);
    }
  });
});

describe('the namespaces', () => {
  it('have their version format', async () => {
    const answer = {
      Namespaces: [
        { Name: 'debian:12', VersionFormat: 'dpkg' },
        { Name: 'debian:13', VersionFormat: 'dpkg' },
      ],
    };
    expect(await api.ask('GET', '/v1/namespaces')).toEqual([200, answer]);
  });

  it('list their vulnerabilities page by page', async () => {
    type Body = { Vulnerabilities: { Name: string; FixedIn?: unknown }[]; NextPage?: string };
    const names: string[][] = [];
    let page = '';
    do {
      const { body } = await api.send<Body>('GET', `${NAMESPACE}?limit=2${page}`);
      names.push(body.Vulnerabilities.map(({ Name }) => Name.slice(-1)));
      page = body.NextPage === undefined ? '' : `&page=${body.NextPage}`;
    } while (page !== '');
    expect(names).toEqual([
      ['1', '2'],
      ['3', '4'],
      ['5', '6'],
    ]);
    const { body } = await api.send<Body>('GET', `${NAMESPACE}?limit=0`);
    expect(body).toEqual({ Vulnerabilities: [], NextPage: expect.any(String) });
    const { body: rest } = await api.send<Body>('GET', `${NAMESPACE}?limit=999999999&page=${body.NextPage}`);
    expect(rest.Vulnerabilities).toHaveLength(6);
    const elsewhere = `/v1/namespaces/debian:13/vulnerabilities?limit=1&page=${body.NextPage}`;
    expect(await api.ask('GET', elsewhere)).toEqual([400, message('(request/page-invalid)')]);
  });

  it.each<Row>([
    ['GET', NAMESPACE, undefined, 400, message('limit')],
    ['GET', `${NAMESPACE}?limit=-1`, undefined, 400, message('limit')],
    ['GET', `${NAMESPACE}?limit=many`, undefined, 400, message('limit')],
    ['GET', `${NAMESPACE}?limit=1&page=forged`, undefined, 400, message('(request/page-invalid)')],
    ['GET', '/v1/namespaces/none/vulnerabilities?limit=1', undefined, 404, message('(namespace/not-found)')],
    ['GET', `${NAMESPACE}/CVE-none`, undefined, 404, message('(vulnerability/not-found)')],
    ['GET', '/v1/namespaces/none/vulnerabilities/CVE-2099-0001', undefined, 404, message('(namespace/not-found)')],
    ['GET', `${NAMESPACE}/CVE-none/fixes`, undefined, 404, message('(vulnerability/not-found)')],
    ['PUT', `${NAMESPACE}/CVE-none/fixes/a`, { Feature: { Version: '1' } }, 404, message('(vulnerability/not-found)')],
    ['DELETE', `${NAMESPACE}/CVE-none`, undefined, 404, message('(vulnerability/not-found)')],
    ['DELETE', `${NAMESPACE}/CVE-none/fixes/a`, undefined, 404, message('(vulnerability/not-found)')],
    ['DELETE', `${NAMESPACE}/CVE-2099-0001/fixes/none`, undefined, 404, message('(fix/not-found)')],
    ['DELETE', `${NAMESPACE}/CVE-2099-0001`, undefined, 400, message('(vulnerability/of-feed)')],
    ['DELETE', `${NAMESPACE}/CVE-2099-0001/fixes/openssl`, undefined, 400, message('(vulnerability/of-feed)')],
  ])('%s %s with %j is %i', async (method, path, body, status, answer) => {
    expect(await api.ask(method, path, body)).toEqual([status, answer]);
  });
});

it('the tests call every documented read route and layer route successfully', () => {
  const stable = api.operations.filter((operation) =>
    /^GET .*namespaces(\/\{namespace\}\/vulnerabilities)?$|layers\/\{name\}$|v1\/layers$/.test(operation),
  );
  expect(stable.filter((operation) => !api.succeeded.has(operation))).toEqual([]);
});
