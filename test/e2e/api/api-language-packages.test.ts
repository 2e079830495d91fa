/**
 * Tests language packages in both APIs: an npm package at two paths, and a Python package that a Debian package owns at
 * one of two paths.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DocumentedApi, documentedApi } from '../../../src/api/testing/api-documentation.ts';
import { type ClairServer, startClairServer } from '../../../src/api/testing/clair-server.ts';
import { zipOf } from '../../../src/bytes/testing/zip-builder.ts';
import { buildLayer, writeOciLayout } from '../../../src/worker/testing/image-builder.ts';
import { knowImage } from '../../../src/worker/testing/indexed-image.ts';
import { DEMO_FEED } from '../../fixtures/demo-image.ts';

const OWNED = 'usr/lib/python3/dist-packages/made-1.0.dist-info/METADATA';
const OWN = 'usr/local/lib/python3.11/dist-packages/made-1.0.dist-info/METADATA';
const NPM = ['app/node_modules/@made/up/package.json', 'app/node_modules/b/node_modules/@made/up/package.json'];
const METADATA = 'Metadata-Version: 2.1\nName: made\nVersion: 1.0\n\n';
const MANIFEST = '{ "name": "@made/up", "version": "1.2.3" }';

let server: ClairServer;
let api: DocumentedApi;
let digest: string;

function advisory(id: string, ecosystem: string, name: string, fixed: string): Buffer {
  const ranges = [{ type: ecosystem === 'npm' ? 'SEMVER' : 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed }] }];
  const affected = [{ package: { ecosystem, name }, ranges }];
  const content = JSON.stringify({ id, modified: '2099-01-01T00:00:00Z', summary: 'made up', affected });
  return zipOf({ name: `${id}.json`, content });
}

beforeAll(async () => {
  server = await startClairServer();
  api = await documentedApi(server);
  const inFolder = (name: string): string => join(server.folder, name);
  for (const [ecosystem, archive] of [
    ['npm', advisory('GHSA-aaaa-bbbb-cccc', 'npm', '@made/up', '1.2.4')],
    ['PyPI', advisory('GHSA-dddd-eeee-ffff', 'PyPI', 'made', '2.0')],
  ] as const) {
    mkdirSync(inFolder(`osv/${ecosystem}`), { recursive: true });
    writeFileSync(inFolder(`osv/${ecosystem}/all.zip`), archive);
  }
  await server.clair.updater.update('osv', { from: inFolder('osv') });
  await server.clair.updater.update('debian', { from: DEMO_FEED });
  const tar = await buildLayer({
    'etc/os-release': 'ID=debian\nVERSION_ID=12\n',
    'var/lib/dpkg/status': 'Package: python3-made\nStatus: install ok installed\nArchitecture: all\nVersion: 1.0-1\n',
    'var/lib/dpkg/info/python3-made.list': `/${OWNED}\n`,
    [OWNED]: METADATA,
    [OWN]: METADATA,
    ...Object.fromEntries(NPM.map((path) => [path, MANIFEST])),
  });
  writeFileSync(inFolder('layer.tar'), tar);
  const layer = { Name: 'sha256:0', Path: inFolder('layer.tar'), Format: 'Docker' };
  expect((await api.send('POST', '/v1/layers', { body: { Layer: layer } })).status).toBe(201);
  writeOciLayout(inFolder('image'), [{ tar, createdBy: 'COPY . /' }], 'app:1');
  digest = (await knowImage(server.clair.worker, `oci:${inFolder('image')}`)).image.digest;
});
afterAll(() => server.close());

async function got<Body>(path: string): Promise<Body> {
  const { status, body } = await api.send<Body>('GET', path);
  expect(status).toBe(200);
  return body;
}

describe('the stable generation of /v1', () => {
  type Feature = { readonly Name: string; readonly Vulnerabilities?: readonly object[] };
  type Body = { readonly Layer: { readonly Features: readonly Feature[] } };

  it('lists language packages with their namespace and version scheme, and all fields that old clients read', async () => {
    const { Layer } = await got<Body>('/v1/layers/sha256:0?features');
    const fields = { Arch: '', AddedBy: 'sha256:0' };
    const npm = { Name: '@made/up', NamespaceName: 'npm', VersionFormat: 'semver', Version: '1.2.3' };
    const pypi = { Name: 'made', NamespaceName: 'pypi', VersionFormat: 'pep440', Version: '1.0' };
    expect(Layer.Features.filter(({ Name }) => Name !== 'python3-made')).toEqual([
      { ...fields, ...npm, SourceName: '@made/up', SourceVersion: '1.2.3' },
      { ...fields, ...pypi, SourceName: 'made', SourceVersion: '1.0' },
      { ...fields, ...pypi, SourceName: 'made', SourceVersion: '1.0' },
    ]);
  });

  it('lists vulnerabilities of packages without an owner, and none of the copy that the distribution owns', async () => {
    const { Layer } = await got<Body>('/v1/layers/sha256:0?vulnerabilities');
    const found = Layer.Features.map(({ Name, Vulnerabilities = [] }) => `${Name}: ${Vulnerabilities.length}`);
    expect(found.toSorted()).toEqual(['@made/up: 1', 'made: 0', 'made: 1', 'python3-made: 0']);
    expect(Layer.Features.find(({ Name }) => Name === '@made/up')?.Vulnerabilities).toEqual([
      expect.objectContaining({ Name: 'GHSA-aaaa-bbbb-cccc', NamespaceName: 'npm', FixedBy: '1.2.4' }),
    ]);
  });
});

it('the first generation of /v1 lists language packages with their namespace as OS', async () => {
  const { Packages } = await got<{ readonly Packages: readonly object[] }>('/v1/layers/sha256:0/packages');
  expect(Packages).toContainEqual({
    OS: 'npm',
    Name: '@made/up',
    Version: '1.2.3',
    Arch: '',
    SourceName: '@made/up',
    SourceVersion: '1.2.3',
  });
  type Body = { readonly Vulnerabilities: readonly { readonly CausedByPackage: string }[] };
  const { Vulnerabilities } = await got<Body>('/v1/layers/sha256:0/vulnerabilities?minimumPriority=Unknown');
  expect(Vulnerabilities.map((each) => each.CausedByPackage).toSorted()).toEqual(['@made/up', 'made']);
});

describe('/v2', () => {
  it('names the type and the paths of language packages of affected images', async () => {
    type Body = { readonly images: readonly { readonly findings: readonly object[] }[] };
    const npm = await got<Body>('/v2/vulnerabilities/GHSA-aaaa-bbbb-cccc/images');
    const affected = {
      type: 'npm',
      namespace: 'npm',
      package: '@made/up',
      version: '1.2.3',
      arch: '',
      fixedIn: '1.2.4',
    };
    expect(npm.images.map(({ findings }) => findings)).toEqual([
      [expect.objectContaining({ ...affected, paths: NPM })],
    ]);
    const pypi = await got<Body>('/v2/vulnerabilities/GHSA-dddd-eeee-ffff/images');
    expect(pypi.images.map(({ findings }) => findings)).toEqual([
      [expect.objectContaining({ type: 'pypi', paths: [OWN] })],
    ]);
  });

  it('reports type, paths and owner of packages, and the type in the graph', async () => {
    type Package = { readonly type: string; readonly name: string };
    const { packages } = await got<{ readonly packages: readonly Package[] }>(`/v2/images/${digest}/report`);
    expect(packages.find(({ name }) => name === '@made/up')).toMatchObject({ type: 'npm', paths: NPM, owner: null });
    expect(packages.find(({ name }) => name === 'made')).toMatchObject({ type: 'pypi', paths: [OWNED, OWN] });
    const { layers } = await got<{ readonly layers: readonly { readonly added: readonly Package[] }[] }>(
      `/v2/images/${digest}/graph`,
    );
    expect(layers[0]?.added.map(({ type, name }) => `${type} ${name}`)).toContain('npm @made/up');
  });
});
