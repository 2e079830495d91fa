/** Tests `clair scan DIRECTORY` with an application without an operating system, and with the feed of its packages. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { zipOf } from '../../../src/bytes/testing/zip-builder.ts';
import type { Report } from '../../../src/model/report/report.ts';
import { type CliRun, runClair } from '../../fixtures/cli-run.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-directories-'));
const before = process.cwd();
const database = join(folder, 'clair.db');

const ADVISORY = {
  id: 'GHSA-aaaa-bbbb-cccc',
  aliases: ['CVE-2099-0001'],
  modified: '2099-01-01T00:00:00Z',
  summary: 'made up',
  affected: [
    {
      package: { ecosystem: 'npm', name: '@made/up' },
      ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed: '1.2.4' }] }],
    },
  ],
};

function put(path: string, text: string): void {
  const place = join(folder, path);
  mkdirSync(join(place, '..'), { recursive: true });
  writeFileSync(place, text);
}

let server: Server;
let asked: string[] = [];

beforeAll(async () => {
  put('app/node_modules/@made/up/package.json', '{ "name": "@made/up", "version": "1.2.3" }');
  // Files of a web application with the same names as files of a saved image.
  put('app/manifest.json', '{ "name": "app", "icons": [] }');
  put('app/repositories/users.js', '');
  put('source/package-lock.json', '{}');
  // Debian owns the only language package.
  const metadata = 'usr/lib/python3/dist-packages/made-1.dist-info/METADATA';
  put('debian/etc/os-release', 'ID=debian\nVERSION_ID=12\n');
  put(
    'debian/var/lib/dpkg/status',
    'Package: python3-made\nStatus: install ok installed\nArchitecture: all\nVersion: 1\n',
  );
  put('debian/var/lib/dpkg/info/python3-made.list', `/${metadata}\n`);
  put(`debian/${metadata}`, 'Metadata-Version: 2.1\nName: made\nVersion: 1\n');
  const fixed = { status: 'resolved', repositories: { bookworm: '2' }, fixed_version: '2', urgency: 'low' };
  const record = { description: 'made up', scope: 'remote', releases: { bookworm: fixed } };
  put('tracker.json', JSON.stringify({ other: { 'CVE-2099-1': record } }));
  const archive = zipOf({ name: 'GHSA-aaaa-bbbb-cccc.json', content: JSON.stringify(ADVISORY) });
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    if (request.url === '/osv/npm/all.zip') response.end(archive);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const lines = [
    'updater:',
    '  feeds: [debian, osv]',
    '  osv: { ecosystems: [npm] }',
    `  cache: ${join(folder, 'cache')}`,
    '  addresses:',
    `    osv: http://127.0.0.1:${port}/osv/`,
    `    debian: file://${join(folder, 'tracker.json')}`,
  ];
  put('clair.yaml', lines.join('\n'));
  vi.stubEnv('CLAIR_CONFIG', join(folder, 'clair.yaml'));
  vi.stubEnv('no_proxy', '*');
  process.chdir(folder);
});
beforeEach(() => {
  asked = [];
});
afterAll(async () => {
  process.chdir(before);
  vi.unstubAllEnvs();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

async function clair(...args: readonly string[]): Promise<CliRun> {
  return await runClair([...args, '--db', database]);
}

async function reported(...args: readonly string[]): Promise<CliRun & { readonly report: Report }> {
  const run = await clair('scan', ...args, '--format', 'json');
  return { ...run, report: JSON.parse(run.out) };
}

const codesOf = ({ diagnostics }: Report): readonly string[] => diagnostics.map(({ code }) => code);

describe('clair scan with a directory', () => {
  it('names the feed of the packages until it is downloaded', async () => {
    const { status, report } = await reported('./app');
    expect([status, codesOf(report)]).toEqual([3, ['distribution-absent', 'namespace-without-data']]);
    expect(report.diagnostics[1]).toMatchObject({
      where: 'npm',
      message: expect.stringContaining('run `clair update --feed osv`'),
    });
  });

  it('does not update the feed for packages that the distribution owns', async () => {
    const { status, report } = await reported('./debian', '--update');
    expect([status, codesOf(report)]).toEqual([0, []]);
    expect(report.packages.map(({ name, owner }) => [name, owner?.name])).toEqual([
      ['made', 'python3-made'],
      ['python3-made', undefined],
    ]);
    expect(asked).toEqual([]);
  });

  it('updates the feed of the packages with --update, and reports their findings', async () => {
    const { status, report, err } = await reported('./app', '--update');
    expect(err).toMatch(/^osv: 1 added/);
    expect(asked).toContain('/osv/npm/all.zip');
    expect([status, codesOf(report)]).toEqual([0, ['distribution-absent']]);
    expect(report.target).toMatchObject({ kind: 'rootfs', reference: './app' });
    expect(report.findings).toMatchObject([
      {
        id: 'CVE-2099-0001',
        type: 'npm',
        package: '@made/up',
        version: '1.2.3',
        fixedIn: '1.2.4',
        paths: ['node_modules/@made/up/package.json'],
      },
    ]);
  });

  it('is listed by clair affected with the type and the path of the package', async () => {
    const { out } = await clair('affected', 'CVE-2099-0001');
    expect(out).toContain('@made/up 1.2.3 (npm, node_modules/@made/up/package.json)');
    const json = JSON.parse((await clair('affected', 'CVE-2099-0001', '--format', 'json')).out);
    const affected = { type: 'npm', name: '@made/up', version: '1.2.3', fixedIn: '1.2.4' };
    expect(json.layers[0].packages).toEqual([affected]);
    expect(json.images[0].packages).toEqual([{ ...affected, layer: 0, paths: ['node_modules/@made/up/package.json'] }]);
  });

  it.each(['rootfs:./app', 'rootfs:app', './app/', join(folder, 'app')])(
    'reads %s as the same folder',
    async (path) => {
      const { status, report } = await reported(path);
      expect(status).toBe(0);
      expect(report.findings).toHaveLength(1);
    },
  );

  it('reads . as the current folder', async () => {
    process.chdir(join(folder, 'app'));
    try {
      expect((await reported('.')).report.findings).toHaveLength(1);
    } finally {
      process.chdir(folder);
    }
  });

  it('looks up a bare name in the registry, and names the folder in the error', async () => {
    const registry = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`).host;
    const { status, err } = await clair('scan', 'app', '--registry-mirror', `docker.io=${registry}`);
    expect(status).toBe(2);
    expect(err).toContain('to scan the directory app instead, use ./app');
  });

  it('reports a folder without installed packages as incomplete, with a next step', async () => {
    const { status, out } = await clair('scan', './source');
    expect(status).toBe(3);
    expect(out).toContain('WARNING  package-database-missing: no packages were found');
    expect(out).toContain('Lock files are not read; install the dependencies of the application first');
  });
});
