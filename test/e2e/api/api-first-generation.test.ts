import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DocumentedApi, documentedApi } from '../../../src/api/testing/api-documentation.ts';
import { type ClairServer, startClairServer } from '../../../src/api/testing/clair-server.ts';
import { buildDemoLayers, DEMO_FEED } from '../../fixtures/demo-image.ts';

let server: ClairServer;
let api: DocumentedApi;
const inFolder = (name: string): string => join(server.folder, name);

beforeAll(async () => {
  server = await startClairServer();
  api = await documentedApi(server);
  await server.clair.updater.update('debian', { from: DEMO_FEED });
  for (const [index, { tar }] of (await buildDemoLayers()).entries()) {
    writeFileSync(inFolder(`${index}.tar`), tar);
    const layer = { ID: `demo-${index}`, Path: inFolder(`${index}.tar`), ImageFormat: 'Docker' };
    const body = index === 0 ? layer : { ...layer, ParentID: `demo-${index - 1}` };
    const answer = await api.send('POST', '/v1/layers', { body });
    expect([answer.status, answer.body]).toEqual([201, { Version: String(server.clair.worker.engineVersion) }]);
  }
});
afterAll(() => server.close());

type Row = readonly [method: string, path: string, body: unknown, status: number, answer: unknown];

const message = (text: string) => ({ Message: expect.stringContaining(text) });
const has = (fields: object) => expect.objectContaining(fields);

const ids = (...names: string[]) => ({ LayersIDs: names });
const BATCH = '/v1/batch/layers/vulnerabilities';
const ONE = '/v1/vulnerabilities/CVE-2099-0001';

describe('layers', () => {
  it.each<Row>([
    ['GET', '/v1/versions', undefined, 200, { APIVersion: '1', EngineVersion: expect.any(String) }],
    ['GET', '/v1/health', undefined, 200, has({ database: has({ IsHealthy: true }) })],
    ['GET', '/v1/layers/demo-3/os', undefined, 200, { OS: 'debian:12' }],
    ['GET', '/v1/layers/demo-3/parent', undefined, 200, { ID: 'demo-2' }],
    ['GET', '/v1/layers/demo-0/parent', undefined, 200, { ID: '' }],
    [
      'GET',
      '/v1/layers/demo-0/packages',
      undefined,
      200,
      has({ Packages: expect.arrayContaining([has({ Name: 'zlib1g' })]) }),
    ],
    [
      'GET',
      '/v1/layers/demo-3/packages/diff',
      undefined,
      200,
      has({ InstalledPackages: [], RemovedPackages: [has({ Name: 'curl' }), has({ Name: 'libcurl4' })] }),
    ],
    [
      'GET',
      '/v1/layers/demo-1/vulnerabilities',
      undefined,
      200,
      has({ Vulnerabilities: [has({ ID: 'CVE-2099-0001' })] }),
    ],
    ['GET', '/v1/layers/demo-3/vulnerabilities?minimumPriority=high', undefined, 200, has({ Vulnerabilities: [] })],
    ['GET', '/v1/layers/demo-3/vulnerabilities?minimumPriority=', undefined, 200, has({ Vulnerabilities: [] })],
    [
      'GET',
      '/v1/layers/demo-2/vulnerabilities/diff',
      undefined,
      200,
      has({ Adds: [], Removes: [has({ ID: 'CVE-2099-0001' })] }),
    ],
    [
      'POST',
      BATCH,
      ids('demo-1', 'demo-3', 'demo-1'),
      200,
      { 'demo-1': has({ Vulnerabilities: [has({ ID: 'CVE-2099-0001' })] }), 'demo-3': has({ Vulnerabilities: [] }) },
    ],
    ['POST', `${BATCH}?minimumPriority=Defcon1`, ids('demo-1'), 200, { 'demo-1': has({ Vulnerabilities: [] }) }],
    [
      'GET',
      `${ONE}/introducing-layers`,
      undefined,
      200,
      { IntroducingLayersIDs: ['demo-0', 'demo-1'], IntroducingLayers: ['demo-0', 'demo-1'] },
    ],
    [
      'POST',
      `${ONE}/affected-layers`,
      ids('demo-0', 'demo-1', 'demo-2'),
      200,
      { 'demo-0': { Vulnerable: true }, 'demo-1': { Vulnerable: true }, 'demo-2': { Vulnerable: false } },
    ],
    [
      'GET',
      ONE,
      undefined,
      200,
      has({
        ID: 'CVE-2099-0001',
        Priority: 'High',
        AffectedPackages: [has({ OS: 'debian:12', BeforeVersion: '3.0.13-1~deb12u1' }), has({ OS: 'debian:13' })],
      }),
    ],
  ])('%s %s with %j is %i', async (method, path, body, status, answer) => {
    expect(await api.ask(method, path, body)).toEqual([status, answer]);
  });

  it('introducing layers are paged on request', async () => {
    type Page = { IntroducingLayersIDs: string[]; NextPage: string };
    const { body } = await api.send<Page>('GET', `${ONE}/introducing-layers?limit=1`);
    expect(body.IntroducingLayersIDs).toEqual(['demo-0']);
    const rest = { IntroducingLayersIDs: ['demo-1'], IntroducingLayers: ['demo-1'] };
    expect(await api.ask('GET', `${ONE}/introducing-layers?page=${body.NextPage}`)).toEqual([200, rest]);
    const ofAnother = `/v1/vulnerabilities/CVE-2099-0002/introducing-layers?page=${body.NextPage}`;
    expect(await api.ask('GET', ofAnother)).toEqual([400, message('(request/page-invalid)')]);
  });

  it.each<Row>([
    ...['os', 'parent', 'packages', 'packages/diff', 'vulnerabilities', 'vulnerabilities/diff'].map(
      (what): Row => ['GET', `/v1/layers/nobody/${what}`, undefined, 404, message('(layer/not-found)')],
    ),
    ['GET', '/v1/layers/demo-0/vulnerabilities?minimumPriority=Awful', undefined, 400, message('invalid priority')],
    ['POST', BATCH, ids(), 400, message('LayersIDs')],
    ['POST', BATCH, ids('demo-0', 'nobody'), 404, message('(layer/not-found)')],
    ['POST', `${BATCH}?minimumPriority=x`, ids('demo-0'), 400, message('invalid priority')],
    ['POST', BATCH, { LayersIDs: Array.from({ length: 257 }, (_, at) => `${at}`) }, 400, message('LayersIDs')],
    ['POST', BATCH, { LayersIDs: [7] }, 400, message('LayersIDs.0')],
    ['POST', BATCH, 'null', 400, message('body must be object')],
    ['POST', BATCH, '[null]', 400, message('body must be object')],
    ['POST', BATCH, '{"LayersIDs":', 415, message('(request/not-json)')],
    ['GET', '/v1/vulnerabilities/CVE-none', undefined, 404, message('(vulnerability/not-found)')],
    ['GET', '/v1/vulnerabilities/CVE-none/introducing-layers', undefined, 404, message('(vulnerability/not-found)')],
    ['GET', `${ONE}/introducing-layers?limit=0`, undefined, 400, message('limit')],
    ['GET', `${ONE}/introducing-layers?page=x`, undefined, 400, message('(request/page-invalid)')],
    ['POST', `${ONE}/affected-layers`, ids(), 400, message('LayersIDs')],
    ['POST', `${ONE}/affected-layers`, ids('nobody'), 404, message('(layer/not-found)')],
    ['POST', '/v1/vulnerabilities/CVE-none/affected-layers', ids('demo-0'), 404, message('(vulnerability/not-found)')],
    ['POST', '/v1/layers', { ID: 'x', Path: '/etc/passwd' }, 400, message('(layer/path-not-allowed)')],
    ['POST', '/v1/layers', { ID: 'x', Path: 'x', ImageFormat: 'VHD' }, 400, message('VHD')],
    ['POST', '/v1/layers', { ID: 'x', Path: 'http://127.0.0.1:1/' }, 502, message('(bytes/unreachable)')],
  ])('%s %s with %j is %i', async (method, path, body, status, answer) => {
    expect(await api.ask(method, path, body)).toEqual([status, answer]);
  });
});

describe('a manual vulnerability', () => {
  const affected = (Name: string, BeforeVersion: string) => ({
    OS: 'debian:12',
    Name,
    AllVersions: false,
    BeforeVersion,
  });
  const posted = {
    ID: 'OWN-1',
    Link: 'https://example.test/OWN-1',
    Priority: 'critical',
    Description: 'Known to us alone.',
    AffectedPackages: [
      affected('zlib', '1:2'),
      { OS: 'debian:12', Name: 'other', AllVersions: true, BeforeVersion: '' },
    ],
  };
  const found = (Name: string, BeforeVersion: string, Priority: string) =>
    BeforeVersion === ''
      ? { OS: 'debian:12', Name, AllVersions: true, BeforeVersion, Status: 'open', Priority }
      : { ...affected(Name, BeforeVersion), Status: 'fixed', Priority };

  it('is created, matched, changed, kept by updates, and deleted permanently', async () => {
    const own = '/v1/vulnerabilities/OWN-1';
    expect(await api.ask('POST', '/v1/vulnerabilities', posted)).toEqual([201, undefined]);
    expect(await api.ask('POST', '/v1/vulnerabilities', posted)).toEqual([
      400,
      message('vulnerability already exists'),
    ]);
    const packages = [found('other', '', 'Critical'), found('zlib', '1:2', 'Critical')];
    const answer = { ...posted, Priority: 'Critical', AffectedPackages: packages };
    expect(await api.ask('GET', own)).toEqual([200, answer]);
    const listed = has({ ID: 'OWN-1', Priority: 'Critical', CausedByPackage: 'zlib1g' });
    expect(await api.ask('GET', '/v1/layers/demo-3/vulnerabilities')).toEqual([
      200,
      has({ Vulnerabilities: [listed] }),
    ]);

    // Empty fields and Unknown change nothing; packages are replaced or added, and never removed.
    expect(await api.ask('PUT', own, { Link: '', Priority: 'Unknown', FixedIn: [affected('zlib', '1:3')] })).toEqual([
      204,
      undefined,
    ]);
    expect(
      await api.ask('PUT', own, {
        Priority: 'Low',
        Description: 'Not so bad.',
        AffectedPackages: [affected('new', '1')],
      }),
    ).toEqual([204, undefined]);
    const changed = [found('new', '1', 'Low'), found('other', '', 'Low'), found('zlib', '1:3', 'Low')];
    await server.clair.updater.update('debian', { from: DEMO_FEED });
    expect(await api.ask('GET', own)).toEqual([
      200,
      { ...posted, Priority: 'Low', Description: 'Not so bad.', AffectedPackages: changed },
    ]);

    expect(await api.ask('DELETE', own)).toEqual([204, undefined]);
    expect(await api.ask('DELETE', own)).toEqual([404, message('(vulnerability/not-found)')]);
    expect(await api.ask('POST', '/v1/vulnerabilities', posted)).toEqual([201, undefined]);
    expect(await api.ask('DELETE', own)).toEqual([204, undefined]);
  });

  it('exists beside the vulnerability of a feed', async () => {
    expect(await api.ask('POST', '/v1/vulnerabilities', { ...posted, ID: 'CVE-2099-0001' })).toEqual([
      400,
      message('already exists'),
    ]);
    expect(await api.ask('DELETE', ONE)).toEqual([400, message('(vulnerability/of-feed)')]);
    expect(await api.ask('PUT', ONE, { AffectedPackages: [affected('ours', '7')] })).toEqual([204, undefined]);
    const { body } = await api.send<{ AffectedPackages: { Name: string }[] }>('GET', ONE);
    expect(body.AffectedPackages.map(({ Name }) => Name)).toEqual(['ours', 'openssl', 'openssl']);
    expect(await api.ask('DELETE', ONE)).toEqual([204, undefined]);
    expect((await api.send<typeof body>('GET', ONE)).body.AffectedPackages).toHaveLength(2);
  });

  const bad = (fields: object) => ({ ...posted, ID: 'OWN-2', ...fields });
  const ALL = '/v1/vulnerabilities';
  it.each<Row>([
    ['POST', ALL, '{', 415, message('(request/not-json)')],
    ['POST', ALL, 'null', 400, message('body must be object')],
    ['POST', ALL, '[null]', 400, message('body must be object')],
    ['POST', ALL, '7', 400, message('body must be object')],
    ['POST', ALL, bad({ ID: '' }), 400, message('ID')],
    ['POST', ALL, bad({ Link: '' }), 400, message('Link')],
    ['POST', ALL, bad({ Priority: undefined }), 400, message('Priority')],
    ['POST', ALL, bad({ Priority: 'Awful' }), 400, message('invalid priority')],
    ['POST', ALL, bad({ AffectedPackages: [] }), 400, message('name at least one package')],
    ['POST', ALL, bad({ AffectedPackages: {} }), 400, message('AffectedPackages must be array')],
    ['POST', ALL, bad({ AffectedPackages: [null] }), 400, message('AffectedPackages.0 must be object')],
    ['POST', ALL, bad({ AffectedPackages: [{ OS: 'debian:12', Name: 'a' }] }), 400, message('needs AllVersions or')],
    ['POST', ALL, bad({ AffectedPackages: [affected('a', 'no version')] }), 400, message('(version/invalid)')],
    [
      'POST',
      ALL,
      bad({ AffectedPackages: [{ ...affected('a', '1'), OS: 'own:7' }] }),
      404,
      message('(namespace/not-found)'),
    ],
    ['PUT', `${ALL}/OWN-2`, {}, 404, message('(vulnerability/not-found)')],
    ['PUT', ONE, { Priority: 'Awful' }, 400, message('invalid priority')],
    ['PUT', ONE, '[]', 400, message('body must be object')],
    ['DELETE', `${ALL}/OWN-2`, undefined, 404, message('(vulnerability/not-found)')],
    ['GET', `${ALL}/OWN-2`, undefined, 404, message('(vulnerability/not-found)')],
  ])('%s %s with %j is %i', async (method, path, body, status, answer) => {
    expect(await api.ask(method, path, body)).toEqual([status, answer]);
  });
});

it('the tests call every documented route successfully', () => {
  const ofStable = /namespaces|layers\/\{name\}$|notifications|metrics$/;
  const first = api.operations.filter((operation) => operation.includes(' /v1/') && !ofStable.test(operation));
  expect(first.filter((operation) => !api.succeeded.has(operation))).toEqual([]);
});
