/**
 * Builds an image of Debian packages, an npm application, a Python environment, a Go program and a Composer project, in
 * layers that replace and remove some of the packages, and scans the image with the program. Libraries that Debian
 * packages own must be listed with their owner and have no findings; all other libraries must have findings.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env, execPath } from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../../src/model/report/report.ts';
import { type BuiltLayer, buildDockerArchive, buildLayer } from '../../../src/worker/testing/image-builder.ts';
import { CLAIR_FILE } from '../../fixtures/clair-program.ts';
import { runClair } from '../../fixtures/cli-run.ts';
import { works } from '../program.ts';
import { installDebs, installMade, layerOf, mergeUsr, writeAdvisory, writeFiles } from './whole-image.ts';

const PYTHON = '/usr/bin/python3';
const MISSING: readonly string[] = [
  ...(works('apt-get', ['--version']) && works('dpkg-deb', ['--version']) ? [] : ['apt-get and dpkg-deb']),
  ...(works(PYTHON, ['-c', 'import ensurepip, venv']) ? [] : ['the Debian package python3-venv']),
  ...(works('go', ['version']) ? [] : ['the program go (Debian package golang-go)']),
  ...(works('npm', ['view', 'ms@2.1.2', 'version', '--fetch-retries=0', '--fetch-timeout=15000'])
    ? []
    : ['the npm registry (`npm view ms`)']),
];
const IS_SKIPPED = MISSING.length > 0 && env['CI'] !== 'true';
if (MISSING.length > 0) console.warn(`whole image: ${IS_SKIPPED ? 'SKIPPED' : 'FAILS'}, missing ${MISSING.join(', ')}`);

const BASE = ['base-files', 'libc6'];
const ADDED = [
  'node-lodash',
  'node-semver',
  'python3-jinja2',
  'python3-pip',
  'python3-setuptools',
  'python3-urllib3',
  'ruby-rack',
  'skopeo',
];

/** All versions of these packages are affected. */
const AFFECTED: readonly (readonly [ecosystem: string, name: string])[] = [
  ...['corepack', 'left-pad', 'lodash', 'minimist', 'ms', 'semver', 'once'].map((name) => ['npm', name] as const),
  ...['jinja2', 'pip', 'setuptools', 'urllib3', 'zope-interface'].map((name) => ['PyPI', name] as const),
  ['RubyGems', 'rack'],
  ...['stdlib', 'example.org/alpha', 'example.com/removed'].map((name) => ['Go', name] as const),
  ...['example/used', 'example/gone'].map((name) => ['Packagist', name] as const),
];

const DEBIAN_CVE = 'CVE-2099-00001';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'clair-whole-')));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const below = (...names: readonly string[]): string => join(folder, ...names);
const run = (
  command: string,
  args: readonly string[],
  cwd = folder,
  more: Readonly<Record<string, string>> = {},
): string => execFileSync(command, args, { cwd, env: { ...env, ...more }, encoding: 'utf8', maxBuffer: 2 ** 28 });

const metadata = (name: string, version: string): string =>
  `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`;

/** Debian, its packages, the applications, and a layer that changes some of the applications. */
let layers: readonly BuiltLayer[];
/** A layer with a third-party package, which one test adds on top. */
let thirdParty: BuiltLayer;

describe.skipIf(IS_SKIPPED)('an image with language packages', { timeout: 300_000 }, () => {
  beforeAll(async () => {
    expect(MISSING).toEqual([]);
    const debian = debianLayers();
    layers = [...debian.layers, applications(), await changes()];
    thirdParty = thirdPartyLayer(debian.status);
    for (const [at, [ecosystem, name]] of AFFECTED.entries()) writeAdvisory(below('osv'), at, ecosystem, name);
    writeFiles(folder, { 'debian.json': JSON.stringify({ jinja2: { [DEBIAN_CVE]: debianRecord() } }) });
    clair('both.db', 'update', '--feed', 'osv', '--from', below('osv'));
    clair('both.db', 'update', '--feed', 'debian', '--from', below('debian.json'));
    clair('osv.db', 'update', '--feed', 'osv', '--from', below('osv'));
  }, 600_000);

  it("lists Debian's libraries with their owner and without findings, and other libraries with findings", async () => {
    const { status, report } = await scanned('both.db', layers);
    expect(codesOf(report)).toEqual(['owned-binary-unidentified']);
    expect(status).toBe(0);
    expect(ownedLibraries(report)).toEqual([
      'gem rack by ruby-rack',
      'npm lodash by node-lodash',
      'npm semver by node-semver',
      'pypi jinja2 by python3-jinja2',
      'pypi setuptools by python3-setuptools',
      'pypi urllib3 by python3-urllib3',
    ]);
    // The Python environment and the Go program of the test contain the same versions as Debian's packages; the paths
    // of Debian's packages are not affected.
    const shared = report.packages.filter(({ name }) => name === 'stdlib' || name === 'pip');
    expect(shared.flatMap(({ paths }) => paths)).toEqual(
      expect.arrayContaining(['usr/bin/skopeo', expect.stringMatching(/^usr\/lib\/python3\/.*\/METADATA$/)]),
    );
    expect(findingsOf(report)).toEqual(
      [
        `composer example/used 1.4.0 at srv/site/vendor/composer/installed.json`,
        `deb jinja2`,
        `golang example.org/alpha v1.2.3 at usr/local/bin/app`,
        `golang stdlib ${goVersion()} at usr/local/bin/app`,
        `npm ms 2.1.3 at srv/app/node_modules/ms/package.json`,
        `npm semver 7.6.2 at srv/app/node_modules/semver/package.json`,
        ...environment(),
        'pypi urllib3 9.9 at usr/local/lib/python3.13/dist-packages/urllib3-9.9.dist-info/METADATA',
      ].toSorted(),
    );
    for (const { id } of report.findings) await expectExplained(id);
  });

  it('has findings in third-party libraries, with a diagnostic', async () => {
    const { report } = await scanned('both.db', [...layers, thirdParty]);
    expect(codesOf(report)).toEqual(['package-third-party', 'owned-binary-unidentified', 'owner-not-covered']);
    expect(ownedLibraries(report)).toContain('npm corepack by nodejs');
    const added = findingsOf(report).filter((line) => line.includes('corepack'));
    expect(added).toEqual(['npm corepack 0.29.4 at usr/lib/node_modules/corepack/package.json']);
  });

  it('has findings in all libraries if no feed covers Debian, with a diagnostic', async () => {
    const { status, report } = await scanned('osv.db', layers);
    expect(status).toBe(3);
    expect(codesOf(report)).toEqual(expect.arrayContaining(['owner-not-covered', 'namespace-without-data']));
    const affected = new Set(findingsOf(report).map((line) => line.split(' ').slice(0, 2).join(' ')));
    for (const owned of ownedLibraries(report)) expect(affected).toContain(owned.split(' by ')[0]);
    expect(report.findings.filter(({ type }) => type === 'deb')).toEqual([]);
  });

  it('has libraries without an owner if the file lists are removed, except by INSTALLER', async () => {
    const removed = await buildLayer({ 'var/lib/dpkg/info/.wh..wh..opq': '' });
    const { report } = await scanned('both.db', [...layers, { tar: removed, createdBy: 'rm -rf /var/lib/dpkg/info' }]);
    const owned = ownedLibraries(report);
    expect(owned.length).toBeGreaterThan(0);
    expect(owned.filter((line) => !line.startsWith('pypi '))).toEqual([]);
    const affected = findingsOf(report).map((line) => line.split(' ').slice(0, 2).join(' '));
    for (const name of ['gem rack', 'npm lodash', 'npm semver', 'golang stdlib']) expect(affected).toContain(name);
  });
});

function debianLayers(): { readonly layers: readonly BuiltLayer[]; readonly status: readonly string[] } {
  const [base, added, debs] = [below('base'), below('added'), below('debs')];
  mkdirSync(debs);
  const { status: exit, stderr } = spawnSync('apt-get', ['download', '-q', ...BASE, ...ADDED], {
    cwd: debs,
    encoding: 'utf8',
  });
  expect(exit, `apt-get download failed; run apt-get update: ${stderr}`).toBe(0);
  const debsOf = (names: readonly string[]): readonly string[] =>
    names.map((name) => join(debs, readdirSync(debs).find((file) => file.startsWith(`${name}_`)) ?? name));
  const lower = installDebs(base, debsOf(BASE));
  mergeUsr(base);
  const status = installDebs(added, debsOf(ADDED), {
    status: lower,
    listOf(name) {
      if (name === 'python3-urllib3') return 'list below /lib';
      return name === 'python3-pip' ? 'none' : 'list and checksums';
    },
  });
  const built = [
    { tar: layerOf(base), createdBy: 'debootstrap' },
    { tar: layerOf(added), createdBy: 'apt-get install' },
  ];
  return { layers: built, status };
}

function thirdPartyLayer(status: readonly string[]): BuiltLayer {
  const stanza =
    'Package: nodejs\nStatus: install ok installed\nMaintainer: Ivan Iguaran <ivan@nodesource.com>\n' +
    'Architecture: amd64\nVersion: 20.18.1-1nodesource1\n';
  const files = { 'usr/lib/node_modules/corepack/package.json': '{"name":"corepack","version":"0.29.4"}' };
  installMade(below('third-party'), { name: 'nodejs', stanza, files }, status);
  return { tar: layerOf(below('third-party')), createdBy: 'apt-get install nodejs' };
}

function applications(): BuiltLayer {
  const root = below('applications');
  const app = join(root, 'srv/app');
  writeFiles(app, { 'package.json': '{"name":"app","version":"1.0.0"}' });
  npm(app, 'semver@7.6.2', 'minimist@1.2.5', 'ms@2.1.2');
  const replaced = join(root, 'opt/replaced/node_modules/left-pad');
  writeFiles(replaced, { 'package.json': '{"name":"left-pad","version":"1.3.0"}' });
  run(PYTHON, ['-m', 'venv', join(root, 'opt/venv')]);
  writeFiles(root, {
    'opt/gone/lib/zope.interface-5.0.dist-info/METADATA': metadata('zope.interface', '5.0'),
    'srv/site/vendor/composer/installed.json': JSON.stringify({
      packages: [{ name: 'example/used', version: '1.4.0' }],
    }),
    'srv/old/vendor/composer/installed.json': JSON.stringify({
      packages: [{ name: 'example/gone', version: '1.0.0' }],
    }),
  });
  buildGo(join(root, 'usr/local/bin/app'), 'example.com/app');
  buildGo(join(root, 'usr/local/bin/removed'), 'example.com/removed');
  return { tar: layerOf(root), createdBy: 'npm install; pip install; go build; composer install' };
}

/**
 * Returns a layer that removes some packages, replaces a directory with a link to another directory, upgrades a package
 * with npm, and adds a package as pip does.
 */
async function changes(): Promise<BuiltLayer> {
  const app = below('upgraded');
  cpSync(below('applications/srv/app'), app, { recursive: true });
  npm(app, 'ms@2.1.3');
  const upgraded = (path: string): string => readFileSync(join(app, path), 'utf8');
  const site = 'usr/local/lib/python3.13/dist-packages/urllib3-9.9.dist-info';
  const tar = await buildLayer({
    'srv/app/node_modules/.wh.minimist': '',
    'srv/app/node_modules/ms/package.json': upgraded('node_modules/ms/package.json'),
    'srv/app/node_modules/.package-lock.json': upgraded('node_modules/.package-lock.json'),
    'opt/.wh.gone': '',
    'opt/replaced': { link: '/srv/app' },
    'srv/.wh.old': '',
    'usr/local/bin/.wh.removed': '',
    [`${site}/METADATA`]: metadata('urllib3', '9.9'),
    [`${site}/INSTALLER`]: 'pip\n',
  });
  return { tar, createdBy: 'rm; ln; npm install; pip install' };
}

function npm(folderOfApp: string, ...args: readonly string[]): void {
  const options = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  run('npm', ['install', ...options, ...args], folderOfApp);
}

function buildGo(program: string, path: string): void {
  const module = below('go', path.replace('/', '-'));
  writeFiles(module, {
    'go.mod': `module ${path}\n\ngo 1.18\n\nrequire example.org/alpha v1.2.3\n`,
    'main.go': 'package main\n\nimport "example.org/alpha"\n\nfunc main() { println(alpha.Name) }\n',
    'vendor/modules.txt': '# example.org/alpha v1.2.3\n## explicit\nexample.org/alpha\n',
    'vendor/example.org/alpha/alpha.go': 'package alpha\n\nconst Name = "alpha"\n',
  });
  const settings = {
    CGO_ENABLED: '0',
    GO111MODULE: 'on',
    GOFLAGS: '-mod=vendor',
    GOPROXY: 'off',
    GOTOOLCHAIN: 'local',
  };
  run('go', ['build', '-o', program], module, settings);
}

function goVersion(): string {
  return run('go', ['env', 'GOVERSION']).trim().replace('go', '');
}

/** Returns the packages of the environment in the form of `findingsOf()`, as pip lists them. */
function environment(): readonly string[] {
  const root = below('applications');
  const listed: readonly { readonly name: string; readonly version: string }[] = JSON.parse(
    run(join(root, 'opt/venv/bin/pip'), ['--disable-pip-version-check', 'list', '--format', 'json']),
  );
  const site = run('find', ['opt/venv/lib', '-name', 'site-packages', '-type', 'd'], root).trim();
  return listed.map(({ name, version }) => `pypi ${name} ${version} at ${site}/${name}-${version}.dist-info/METADATA`);
}

function debianRecord(): object {
  const release = { status: 'open', repositories: { trixie: '3.1.6-1' }, urgency: 'medium' };
  return { description: 'a fault of Jinja2', scope: 'remote', releases: { trixie: release } };
}

function clair(database: string, ...args: readonly string[]): string {
  return run(execPath, [CLAIR_FILE, ...args, '--db', below(database)]);
}

async function scanned(
  database: string,
  of: readonly BuiltLayer[],
): Promise<{ status: number | null; report: Report }> {
  writeFileSync(below('image.tar'), await buildDockerArchive(of, 'whole:1'));
  const args = ['scan', `docker-archive:${below('image.tar')}`, '--format', 'json', '--db', below(database)];
  const { status, stdout, stderr } = spawnSync(execPath, [CLAIR_FILE, ...args], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  expect({ stdout, stderr }).not.toMatchObject({ stdout: '' });
  return { status, report: JSON.parse(stdout) };
}

async function expectExplained(id: string): Promise<void> {
  const args = ['explain', id, `docker-archive:${below('image.tar')}`, '--format', 'json', '--db', below('both.db')];
  const { out, err } = await runClair(args);
  expect(err).toBe('');
  const { verdict } = JSON.parse(out);
  expect([id, verdict]).toEqual([id, 'affected']);
}

function codesOf({ diagnostics }: Report): readonly string[] {
  return diagnostics.map(({ code }) => code);
}

/**
 * Returns `TYPE NAME by OWNER` of each affected library with an owner, regardless of its version; a library has no
 * owner if only some of its paths have an owner.
 */
function ownedLibraries({ packages }: Report): readonly string[] {
  const names = new Set(AFFECTED.map(([, name]) => name));
  const owned = packages.flatMap(({ type, name, owner, flags }) => {
    const isListed = owner !== null && names.has(name) && !flags.includes('vendored');
    return isListed ? [`${type} ${name} by ${owner.name ?? 'a package'}`] : [];
  });
  return [...new Set(owned)].toSorted();
}

/** Returns `TYPE NAME VERSION at PATH` of each finding; for Debian packages, type and source package. */
function findingsOf({ findings }: Report): readonly string[] {
  const lines = findings.flatMap(({ type, package: name, version, source, paths }) =>
    type === 'deb' ? [`deb ${source.name}`] : paths.map((path) => `${type} ${name} ${version} at ${path}`),
  );
  return lines.toSorted();
}
