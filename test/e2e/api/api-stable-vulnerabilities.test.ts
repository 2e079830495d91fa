import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DocumentedApi, documentedApi } from '../../../src/api/testing/api-documentation.ts';
import { type ClairServer, startClairServer } from '../../../src/api/testing/clair-server.ts';
import { buildDemoLayers, DEMO_FEED } from '../../fixtures/demo-image.ts';

let server: ClairServer;
let api: DocumentedApi;

beforeAll(async () => {
  server = await startClairServer();
  api = await documentedApi(server);
  await server.clair.updater.update('debian', { from: DEMO_FEED });
  const Path = join(server.folder, '0.tar');
  writeFileSync(Path, (await buildDemoLayers())[0]?.tar ?? '');
  expect((await api.ask('POST', '/v1/layers', { Layer: { Name: 'sha256:0', Path, Format: 'Docker' } }))[0]).toBe(201);
});
afterAll(() => server.close());

type Row = readonly [method: string, path: string, body: unknown, status: number, answer: unknown];

const message = (text: string) => ({ Error: { Message: expect.stringContaining(text) } });
const NAMESPACE = '/v1/namespaces/debian:12/vulnerabilities';

describe('a manual vulnerability', () => {
  const posted = {
    Name: 'OWN-1',
    NamespaceName: 'debian:8',
    Description: 'Known to us alone.',
    Link: 'https://example.test/OWN-1',
    Severity: 'high',
    Metadata: { Ticket: { Number: 7 } },
    FixedIn: [
      { Name: 'openssl', NamespaceName: 'debian:8', VersionFormat: 'dpkg', Version: '3.0.12' },
      { Name: 'zlib', Version: 'None' },
    ],
  };
  const { FixedIn: _fixes, ...words } = { ...posted, NamespaceName: 'debian:12', Severity: 'High' };
  const fix = (Name: string, Version: string) => ({ Name, NamespaceName: 'debian:12', VersionFormat: 'dpkg', Version });
  const FIXES = [fix('openssl', '3.0.12'), fix('zlib', 'None')];

  it('is created, matched, changed and deleted; the namespace of the path is used', async () => {
    expect(await api.ask('POST', NAMESPACE, { Vulnerability: posted })).toEqual([
      201,
      { Vulnerability: { ...words, FixedIn: FIXES } },
    ]);
    expect(await api.ask('GET', `${NAMESPACE}/OWN-1`)).toEqual([200, { Vulnerability: words }]);
    expect(await api.ask('GET', `${NAMESPACE}/OWN-1?fixedIn`)).toEqual([
      200,
      { Vulnerability: { ...words, FixedIn: FIXES } },
    ]);
    expect(await api.ask('GET', `${NAMESPACE}/OWN-1/fixes`)).toEqual([200, { Features: FIXES }]);

    const { body: layer } = await api.send('GET', '/v1/layers/sha256:0?vulnerabilities');
    expect(JSON.stringify(layer)).toMatch(/"OWN-1".*?"Metadata":\{"Ticket":\{"Number":7\}\}.*?"FixedBy":"3.0.12"/);

    const changed = { Name: 'ignored', Severity: 'critical', Description: 'Worse than we thought.' };
    const answer = { ...words, Severity: 'Critical', Description: 'Worse than we thought.' };
    expect(await api.ask('PUT', `${NAMESPACE}/OWN-1`, { Vulnerability: changed })).toEqual([
      200,
      { Vulnerability: answer },
    ]);
    expect(await api.ask('GET', `${NAMESPACE}/OWN-1/fixes`)).toEqual([200, { Features: FIXES }]);

    await server.clair.updater.update('debian', { from: DEMO_FEED });
    expect(await api.ask('GET', `${NAMESPACE}/OWN-1`)).toEqual([200, { Vulnerability: answer }]);
    expect(await api.ask('DELETE', `${NAMESPACE}/OWN-1`)).toEqual([200, undefined]);
    expect(await api.ask('GET', `${NAMESPACE}/OWN-1`)).toEqual([404, message('(vulnerability/not-found)')]);
    expect(await api.ask('DELETE', `${NAMESPACE}/OWN-1`)).toEqual([404, message('(vulnerability/not-found)')]);
  });

  it.each<[string, { readonly Name: string; readonly [field: string]: unknown }]>([
    ['that only the client knows', { Name: 'OWN-4', FixedIn: [{ Name: 'zlib', Version: '1' }] }],
    ['of a feed', { Name: 'CVE-2099-0001', FixedIn: [{ Name: 'zlib', Version: '1' }] }],
    [
      'with several versions and equal versions of a package',
      {
        Name: 'OWN-4',
        FixedIn: ['3', '2', '3'].map((Version) => ({ Name: 'zlib', Version })),
      },
    ],
    ['with characters that databases replace', { Name: 'OWN-4', Description: 'a \0 b \ud800 c' }],
    [
      'with packages whose order in JavaScript differs from their order by bytes',
      { Name: 'OWN-4', FixedIn: ['\u{1f600}', '\uff5e'].map((Name) => ({ Name, Version: '1' })) },
    ],
    ['without any package', { Name: 'OWN-4' }],
  ])('%s is returned by POST as by the next GET', async (_, given) => {
    const path = `${NAMESPACE}/${given.Name}`;
    const [status, answer] = await api.ask('POST', NAMESPACE, { Vulnerability: { Severity: 'Low', ...given } });
    expect([status, answer]).toEqual([201, (await api.ask('GET', `${path}?fixedIn`))[1]]);
    expect((await api.ask('DELETE', path))[0]).toBe(200);
  });

  it('may have a description as long as a body', async () => {
    const Description = 'x'.repeat(1_000_000);
    const long = { Name: 'OWN-3', Severity: 'Low', Description };
    expect((await api.ask('POST', NAMESPACE, { Vulnerability: long }))[0]).toBe(201);
    expect(await api.ask('GET', `${NAMESPACE}/OWN-3`)).toMatchObject([200, { Vulnerability: { Description } }]);
    expect((await api.ask('DELETE', `${NAMESPACE}/OWN-3`))[0]).toBe(200);
  });

  it('is also created by PUT, and fixes are added and removed one by one', async () => {
    const path = `${NAMESPACE}/OWN-2`;
    const answer = { Name: 'OWN-2', NamespaceName: 'debian:12', Severity: 'Low' };
    expect(await api.ask('PUT', path, { Vulnerability: { Severity: 'Low' } })).toEqual([
      200,
      { Vulnerability: answer },
    ]);
    expect(await api.ask('GET', `${path}/fixes`)).toEqual([200, { Features: [] }]);
    const feature = fix('curl', '1:2');
    expect(await api.ask('PUT', `${path}/fixes/curl`, { Feature: { ...feature, NamespaceName: 'x' } })).toEqual([
      200,
      { Feature: feature },
    ]);
    expect(await api.ask('PUT', `${path}/fixes/zlib`, { Feature: { Version: 'None' } })).toEqual([
      200,
      { Feature: fix('zlib', 'None') },
    ]);
    expect(await api.ask('PUT', `${path}/fixes/curl`, { Feature: fix('curl', '1:3') })).toEqual([
      200,
      { Feature: fix('curl', '1:3') },
    ]);
    expect(await api.ask('GET', `${path}/fixes`)).toEqual([
      200,
      { Features: [fix('curl', '1:3'), fix('zlib', 'None')] },
    ]);
    expect(await api.ask('DELETE', `${path}/fixes/curl`)).toEqual([200, undefined]);
    expect(await api.ask('DELETE', `${path}/fixes/curl`)).toEqual([404, message('(fix/not-found)')]);
    expect(await api.ask('GET', `${path}/fixes`)).toEqual([200, { Features: [fix('zlib', 'None')] }]);
    expect(await api.ask('GET', path)).toEqual([200, { Vulnerability: answer }]);
    expect(await api.ask('DELETE', path)).toEqual([200, undefined]);
  });

  it('exists beside the vulnerability of a feed and leaves it unchanged', async () => {
    const path = `${NAMESPACE}/CVE-2099-0001`;
    const changed = { Vulnerability: { Severity: 'Low', Link: 'https://example.test/ours' } };
    const { body: before } = await api.send<{ Vulnerability: object }>('GET', `${path}?fixedIn`);
    const answer = { ...before.Vulnerability, Link: 'https://example.test/ours' };
    expect((await api.send('PUT', path, { body: changed })).status).toBe(200);
    expect(await api.ask('GET', `${path}?fixedIn`)).toEqual([200, { Vulnerability: answer }]);
    const added = fix('curl', '9');
    expect(await api.ask('PUT', `${path}/fixes/curl`, { Feature: added })).toEqual([200, { Feature: added }]);
    expect(await api.ask('GET', `${path}/fixes`)).toEqual([
      200,
      { Features: [added, fix('openssl', '3.0.13-1~deb12u1')] },
    ]);
    expect(await api.ask('DELETE', path)).toEqual([200, undefined]);
    expect(await api.ask('GET', `${path}?fixedIn`)).toEqual([200, before]);
  });

  it('may be in several namespaces, each with its own severity and fixes', async () => {
    const of = (Severity: string, Version: string) => ({
      Vulnerability: { Name: 'OWN-3', Severity, FixedIn: [{ Name: 'a', Version }] },
    });
    const alpine = '/v1/namespaces/alpine:v3.20/vulnerabilities';
    expect((await api.send('POST', NAMESPACE, { body: of('Low', '1:1') })).status).toBe(201);
    expect((await api.send('POST', alpine, { body: of('High', '1.2-r3') })).status).toBe(201);
    expect((await api.send('DELETE', `${NAMESPACE}/OWN-3`)).status).toBe(200);
    expect((await api.send('GET', `${alpine}/OWN-3?fixedIn`)).body).toEqual({
      Vulnerability: {
        Name: 'OWN-3',
        NamespaceName: 'alpine:v3.20',
        Severity: 'High',
        FixedIn: [{ Name: 'a', NamespaceName: 'alpine:v3.20', VersionFormat: 'apk', Version: '1.2-r3' }],
      },
    });
    await api.send('DELETE', `${alpine}/OWN-3`);
  });

  const bad = (fields: object) => ({ Vulnerability: { ...posted, ...fields } });
  const OWN = '/v1/namespaces/own:1/vulnerabilities';
  it.each<Row>([
    ['POST', NAMESPACE, 'no JSON', 400, message('(request/not-json)')],
    ['POST', NAMESPACE, 'null', 400, message('body must be object')],
    ['POST', NAMESPACE, '[null]', 400, message('body must be object')],
    ['POST', NAMESPACE, {}, 400, message('Vulnerability')],
    ['POST', NAMESPACE, bad({ Name: '' }), 400, message('Name')],
    ['POST', NAMESPACE, bad({ Name: 'a b' }), 400, message('letters, digits')],
    ['POST', NAMESPACE, bad({ Severity: '' }), 400, message('(severity/invalid)')],
    ['POST', NAMESPACE, bad({ Severity: 'Awful' }), 400, message('(severity/invalid)')],
    ['POST', NAMESPACE, bad({ FixedIn: {} }), 400, message('FixedIn must be array')],
    ['POST', NAMESPACE, bad({ FixedIn: [null] }), 400, message('FixedIn.0 must be object')],
    ['POST', NAMESPACE, bad({ FixedIn: [{ Name: 'a', Version: '' }] }), 400, message('Version of a is empty')],
    ['POST', NAMESPACE, bad({ FixedIn: [{ Name: 'a', Version: 'x y' }] }), 400, message('(version/invalid)')],
    ['POST', OWN, { Vulnerability: { Name: 'OWN-4', Severity: 'Low' } }, 404, message('(namespace/not-found)')],
    [
      'POST',
      OWN,
      bad({ FixedIn: [{ Name: 'a', Version: '1', VersionFormat: 'x' }] }),
      400,
      message('VersionFormat "x"'),
    ],
    ['PUT', `${NAMESPACE}/OWN-4`, bad({}), 400, message('FixedIn must be empty')],
    ['PUT', `${NAMESPACE}/OWN-4`, { Vulnerability: {} }, 400, message('Severity')],
    [
      'PUT',
      `${NAMESPACE}/CVE-2099-0002/fixes/a`,
      { Feature: { Name: 'b', Version: '1' } },
      400,
      message('the path names a'),
    ],
    ['PUT', `${NAMESPACE}/CVE-2099-0002/fixes/a`, { Feature: {} }, 400, message('Version')],
    ['PUT', `${NAMESPACE}/CVE-2099-0002/fixes/a`, 'null', 400, message('body must be object')],
    ['GET', `${NAMESPACE}/OWN-4`, undefined, 404, message('(vulnerability/not-found)')],
  ])('%s %s with %j is %i', async (method, path, body, status, answer) => {
    expect(await api.ask(method, path, body)).toEqual([status, answer]);
  });

  it('may be in a new namespace with the version format of the request', async () => {
    const FixedIn = [{ Name: 'a', VersionFormat: 'rpm', Version: '1-1' }];
    const Vulnerability = { Name: 'OWN-5', Severity: 'Low', FixedIn };
    expect((await api.send('POST', OWN, { body: { Vulnerability } })).status).toBe(201);
    const { body } = await api.send<{ Namespaces: object[] }>('GET', '/v1/namespaces');
    expect(body.Namespaces).toContainEqual({ Name: 'own:1', VersionFormat: 'rpm' });
  });
});

it('the tests call every documented route successfully', () => {
  const stable = api.operations.filter((operation) => /\{namespace\}\/vulnerabilities./.test(operation));
  expect(stable.filter((operation) => !api.succeeded.has(operation))).toEqual([]);
});
