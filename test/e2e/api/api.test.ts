import { symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bzip2 } from '../../../src/bytes/testing/bzip2-encoder.ts';
import { type ClairServer, startClairServer } from '../../../src/api/testing/clair-server.ts';
import { buildDemoLayers, DEMO_FEED } from '../../fixtures/demo-image.ts';
import type { BuiltLayer } from '../../../src/worker/testing/image-builder.ts';
import { tarOf } from '../../../src/bytes/testing/tar-builder.ts';

let server: ClairServer;
let layers: readonly BuiltLayer[];
const inFolder = (name: string): string => join(server.folder, name);

type Vulnerability = {
  ID: string;
  Priority: string;
  CausedByPackage: string;
  Causes: { Name: string; LayerDepth: number }[];
};

beforeAll(async () => {
  server = await startClairServer();
  layers = await buildDemoLayers();
  await server.clair.updater.update('debian', { from: DEMO_FEED });
  for (const [index, { tar }] of layers.entries()) {
    writeFileSync(inFolder(`${index}.tar`), tar);
    const parent = index === 0 ? {} : { ParentID: `demo-${index - 1}` };
    const layer = { ID: `demo-${index}`, Path: inFolder(`${index}.tar`), ImageFormat: 'Docker', ...parent };
    expect(await server.post('/v1/layers', layer)).toEqual({
      status: 201,
      type: 'application/json; charset=utf-8',
      body: { Version: String(server.clair.worker.engineVersion) },
    });
  }
});
afterAll(() => server.close());

describe('a layer has', () => {
  it('an operating system, its own or inherited', async () => {
    expect((await server.get('/v1/layers/demo-0/os')).body).toEqual({ OS: 'debian:12' });
    expect((await server.get('/v1/layers/demo-3/os')).body).toEqual({ OS: 'debian:12' });
  });

  it('a parent', async () => {
    expect((await server.get('/v1/layers/demo-0/parent')).body).toEqual({ ID: '' });
    expect((await server.get('/v1/layers/demo-3/parent')).body).toEqual({ ID: 'demo-2' });
  });

  it('packages', async () => {
    const { body } = await server.get<{ Packages: object[]; Problems: object[] }>('/v1/layers/demo-1/packages');
    expect(body.Problems).toMatchObject([{ code: 'feed-undecided', where: 'debian' }]);
    expect(body.Packages).toHaveLength(6);
    expect(body.Packages).toContainEqual({
      OS: 'debian:12',
      Name: 'openssl',
      Version: '3.0.11-1~deb12u2+b1',
      Arch: 'amd64',
      SourceName: 'openssl',
      SourceVersion: '3.0.11-1~deb12u2',
    });
  });

  it('added and removed packages', async () => {
    type Difference = Record<'InstalledPackages' | 'RemovedPackages', { Name: string; Version: string }[]>;
    const { body } = await server.get<Difference>('/v1/layers/demo-2/packages/diff');
    const named = (list: Difference['InstalledPackages']): string[] =>
      list.map(({ Name, Version }) => `${Name} ${Version}`);
    expect(named(body.InstalledPackages)).toEqual([
      'curl 7.88.1-10+deb12u5',
      'libcurl4 7.88.1-10+deb12u5',
      'libssl3 3.0.13-1~deb12u1',
      'openssl 3.0.13-1~deb12u1',
    ]);
    expect(named(body.RemovedPackages)).toEqual([
      'curl 7.88.1-10+deb12u4',
      'libcurl4 7.88.1-10+deb12u4',
      'libssl3 3.0.11-1~deb12u2',
      'openssl 3.0.11-1~deb12u2+b1',
    ]);
  });

  it('vulnerabilities, by default from High on, with a count of hidden vulnerabilities', async () => {
    type Body = { Vulnerabilities: Vulnerability[]; Hidden: object };
    const { body } = await server.get<Body>('/v1/layers/demo-1/vulnerabilities');
    expect(body.Vulnerabilities.map(({ ID, Priority }) => [ID, Priority])).toEqual([['CVE-2099-0001', 'High']]);
    expect(body.Hidden).toEqual({ Medium: 2, Low: 1, Negligible: 1 });
    const causes = body.Vulnerabilities[0]?.Causes.map(({ Name, LayerDepth }) => [Name, LayerDepth]);
    expect(causes).toEqual([
      ['libssl3', 0],
      ['openssl', 1],
    ]);
    const { body: all } = await server.get<Body>('/v1/layers/demo-1/vulnerabilities?minimumPriority=unknown');
    expect(all.Vulnerabilities).toHaveLength(5);
    expect(all.Hidden).toEqual({});
  });

  it('introduced and fixed vulnerabilities', async () => {
    type Body = { Adds: Vulnerability[]; Removes: Vulnerability[]; Hidden: object };
    const { body } = await server.get<Body>('/v1/layers/demo-2/vulnerabilities/diff');
    expect(body.Adds).toEqual([]);
    expect(body.Removes.map(({ ID }) => ID)).toEqual(['CVE-2099-0001']);
    expect(body.Hidden).toEqual({ Adds: {}, Removes: { Medium: 1 } });
  });
});

it('returns the data of a vulnerability for every release', async () => {
  const { body } = await server.get('/v1/vulnerabilities/CVE-2099-0004');
  expect(body).toEqual({
    ID: 'CVE-2099-0004',
    Link: 'https://security-tracker.debian.org/tracker/CVE-2099-0004',
    Priority: 'Medium',
    Description: 'Cookies of the demonstration are kept longer than asked.',
    AffectedPackages: [
      { OS: 'debian:12', Name: 'curl', AllVersions: true, BeforeVersion: '', Status: 'open', Priority: 'Medium' },
    ],
  });
});

it('returns its versions and its health', async () => {
  expect((await server.get('/v1/versions')).body).toEqual({
    APIVersion: '1',
    EngineVersion: String(server.clair.worker.engineVersion),
  });
  const { status, body } = await server.get('/v1/health');
  expect(status).toBe(200);
  expect(body).toMatchObject({
    database: { IsHealthy: true },
    updater: { IsHealthy: true, Details: { feeds: [{ name: 'debian', vulnerabilities: 6, error: null }] } },
  });
});

describe('a submission', () => {
  it('may have a name of any characters, several hundred long', async () => {
    for (const name of ['sha256:0123', 'a/b c?d#e%', 'x'.repeat(700)]) {
      const { status } = await server.post('/v1/layers', { ID: name, Path: inFolder('0.tar') });
      expect(status).toBe(201);
      expect((await server.get(`/v1/layers/${encodeURIComponent(name)}/os`)).body).toEqual({ OS: 'debian:12' });
    }
  });

  it('is analysed once for concurrent requests', async () => {
    const body = { ID: 'at-once', Path: inFolder('0.tar') };
    const answers = await Promise.all(Array.from({ length: 8 }, () => server.post('/v1/layers', body)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 201));
    const { body: packages } = await server.get<{ Packages: object[] }>('/v1/layers/at-once/packages');
    expect(packages.Packages).toHaveLength(3);
  });

  it('may be a URL', async () => {
    const upstream = createServer((request, response) => {
      if (request.url?.startsWith('/layer') === true) response.end(gzipSync(layers[0]?.tar ?? ''));
      else response.writeHead(request.url === '/none' ? 404 : 500).end();
    });
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
    const { port } = upstream.address() as AddressInfo;
    const post = async (path: string) =>
      await server.post('/v1/layers', { ID: path, Path: `http://127.0.0.1:${port}${path}` });
    expect((await post('/layer?token=secret')).status).toBe(201);
    expect((await post('/none')).status).toBe(404);
    const failed = await post('/broken?token=secret');
    expect(failed.status).toBe(502);
    expect(JSON.stringify(failed.body)).not.toContain('secret');
    upstream.close();
  });

  it.each<[string, unknown, number, RegExp]>([
    ['no JSON', '{"ID":', 400, /JSON/],
    ['null', 'null', 400, /body/],
    ['a list', '[null]', 400, /body/],
    ['nothing', '', 400, /body/],
    ['no ID', { Path: 'x' }, 400, /ID/],
    ['an empty ID', { ID: '', Path: 'x' }, 400, /ID/],
    ['no Path', { ID: 'x' }, 400, /Path/],
    ['a number for a Path', { ID: 'x', Path: 7 }, 400, /not below|Path/],
    ['an unknown parent', { ID: 'x', Path: 'x', ParentID: 'nobody' }, 400, /parent layer nobody is unknown/],
    [
      'an unknown format',
      { ID: 'x', Path: 'x', ImageFormat: 'VHD' },
      400,
      /format "VHD" is not supported: use Docker or ACI/,
    ],
    ['a path that is not allowed', { ID: 'x', Path: '/etc/passwd' }, 400, /not in a directory of/],
    ['a missing path that is not allowed', { ID: 'x', Path: '/etc/none' }, 400, /not in a directory of/],
  ])('with %s is rejected', async (_, body, status, message) => {
    const answer = await server.post<{ Message: string }>('/v1/layers', body);
    expect(answer).toMatchObject({ status, type: 'application/json; charset=utf-8' });
    expect(answer.body.Message).toMatch(message);
    expect((await server.get('/v1/layers/x/os')).status).toBe(404);
  });

  it('with the format ACI has its files below rootfs, and the same bytes without that format are another layer', async () => {
    const release = { name: 'rootfs/etc/os-release', content: 'ID=debian\nVERSION_ID=12\n' };
    const status = 'Package: bash\nStatus: install ok installed\nVersion: 5.2.15-2\nArchitecture: amd64\n';
    const aci = tarOf({ name: 'manifest', content: '{}' }, release, {
      name: 'rootfs/var/lib/dpkg/status',
      content: status,
    });
    writeFileSync(inFolder('image.aci'), bzip2(aci));
    for (const [ID, ImageFormat] of [
      ['no-aci', 'docker'],
      ['aci', 'aci'],
      ['ACI', 'ACI'],
    ]) {
      expect(await server.post('/v1/layers', { ID, Path: inFolder('image.aci'), ImageFormat })).toMatchObject({
        status: 201,
      });
    }
    const packagesOf = async (id: string): Promise<string[]> => {
      const { body } = await server.get<{ Packages: { Name: string }[] }>(`/v1/layers/${id}/packages`);
      return body.Packages.map(({ Name }) => Name);
    };
    expect(await Promise.all(['no-aci', 'aci', 'ACI'].map(packagesOf))).toEqual([[], ['bash'], ['bash']]);
    expect((await server.get('/v1/layers/aci/os')).body).toEqual({ OS: 'debian:12' });
    expect((await server.get('/v1/layers/no-aci/os')).body).toEqual({ OS: '' });
  });

  it('is rejected for files that are missing, outside the allowed directory, or not layers', async () => {
    symlinkSync('/etc/hostname', inFolder('link.tar'));
    writeFileSync(inFolder('page.tar'), '<html>'.repeat(200));
    const post = async (name: string) =>
      await server.post<{ Message: string }>('/v1/layers', { ID: 'x', Path: inFolder(name) });
    expect(await post('none.tar')).toMatchObject({
      status: 404,
      body: { Message: expect.stringContaining('bytes/not-found') },
    });
    expect(await post('link.tar')).toMatchObject({
      status: 400,
      body: { Message: expect.stringContaining('path-not-allowed') },
    });
    expect(await post('page.tar')).toMatchObject({
      status: 400,
      body: { Message: expect.stringContaining('bytes/corrupt') },
    });
    expect((await server.get('/v1/layers/x/os')).status).toBe(404);
  });
});

describe('a request', () => {
  it.each([
    ['/v1/layers/nobody/os', 404, 'layer/not-found'],
    ['/v1/layers/nobody/packages', 404, 'layer/not-found'],
    ['/v1/layers/nobody/vulnerabilities/diff', 404, 'layer/not-found'],
    ['/v1/vulnerabilities/CVE-1', 404, 'vulnerability/not-found'],
    ['/v1/nothing', 404, 'request/not-found'],
    ['/v1/layers/demo-0/vulnerabilities?minimumPriority=Awful', 400, 'severity/invalid'],
  ])('%s returns %i (%s)', async (path, status, code) => {
    const answer = await server.get<{ Message: string }>(path);
    expect(answer.status).toBe(status);
    expect(answer.body.Message).toContain(`(${code})`);
  });

  it('with a body of more than 1 MiB is rejected', async () => {
    const { status } = await server.post('/v1/layers', { ID: 'x', Path: 'y'.repeat(1024 * 1024) });
    expect(status).toBe(413);
  });
});

it('returns 503 when the database does not respond', async () => {
  const other = await startClairServer();
  await other.clair.store.close();
  const { status, body } = await other.get('/v1/health');
  expect(status).toBe(503);
  expect(body).toMatchObject({ database: { IsHealthy: false } });
  const answer = await other.get<{ Message: string }>('/v1/layers/x/os');
  expect(answer.status).toBe(503);
});
