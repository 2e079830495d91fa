/**
 * Tests Clair for known errors of other scanners on language packages, each with the smallest image that shows the
 * error. The numbers of the tests are the numbers of the traps in shared/spec/languages/evidence-and-traps.md; the
 * detector tests of each language cover the other traps.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { zipOf } from '../../src/bytes/testing/zip-builder.ts';
import type { Report } from '../../src/model/report/report.ts';
import { elfFile } from '../../src/worker/detectors/libraries/executables/testing/elf-file.ts';
import { inlineInformation, linesOf } from '../../src/worker/detectors/libraries/golang/testing/build-information.ts';
import { buildDockerArchive, buildLayer, type LayerMembers } from '../../src/worker/testing/image-builder.ts';
import { type CliRun, runClair } from '../fixtures/cli-run.ts';

const folder = mkdtempSync(join(tmpdir(), 'clair-traps-'));
const database = join(folder, 'clair.db');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const clair = async (...args: readonly string[]): Promise<CliRun> => await runClair(args);

/** The fixed versions of the packages of each ecosystem. */
const ADVISORIES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  npm: { lodash: '4.17.21', vault: '99.0.0', JSONStream: '2.0.0' },
  PyPI: { urllib3: '2.5.0', torch: '2.1.1', pytz: '2005.1', 'Jaraco.context': '9.0' },
  Go: {
    stdlib: '1.22.2',
    'github.com/a/b/v2': '2.1.0',
    'github.com/Azure/x': '1.0.0',
    'github.com/docker/docker': '20.10.19+incompatible',
  },
  RubyGems: { rack: '3.1.21' },
  Packagist: { 'acme/tools': '2.0.0' },
  'crates.io': { serde: '1.0.201' },
};

beforeAll(async () => {
  for (const [ecosystem, packages] of Object.entries(ADVISORIES)) {
    const records = Object.entries(packages).map(([name, fixed], at) => {
      const events = [{ introduced: '0' }, { fixed }];
      const affected = [{ package: { ecosystem, name }, ranges: [{ type: 'ECOSYSTEM', events }] }];
      const id = `TRAP-${ecosystem.replaceAll(/\W/g, '')}-${at}`;
      return { name: `${id}.json`, content: JSON.stringify({ id, modified: '2099-01-01T00:00:00Z', affected }) };
    });
    mkdirSync(join(folder, 'osv', ecosystem), { recursive: true });
    writeFileSync(join(folder, 'osv', ecosystem, 'all.zip'), zipOf(...records));
  }
  const releases = { bookworm: { status: 'resolved', fixed_version: '1.99', urgency: 'high', repositories: {} } };
  writeFileSync(join(folder, 'tracker.json'), JSON.stringify({ nginx: { 'CVE-2099-1': { releases } } }));
  for (const [feed, from] of [
    ['osv', 'osv'],
    ['debian', 'tracker.json'],
  ] as const) {
    const updated = await clair('update', '--feed', feed, '--from', join(folder, from), '--db', database);
    expect(updated).toMatchObject({ status: 0 });
  }
});

let images = 0;

async function archiveOf(...layers: readonly LayerMembers[]): Promise<string> {
  const path = join(folder, `image-${(images += 1)}.tar`);
  const built = await Promise.all(layers.map(async (members) => ({ tar: await buildLayer(members), createdBy: '' })));
  writeFileSync(path, await buildDockerArchive(built, 'test:1'));
  return `docker-archive:${path}`;
}

async function scan(...layers: readonly LayerMembers[]): Promise<{ readonly status: number; readonly report: Report }> {
  const { status, out } = await clair('scan', await archiveOf(...layers), '--format', 'json', '--db', database);
  return { status, report: JSON.parse(out) };
}

function findingLines({ findings }: Report): readonly string[] {
  return findings.map((each) => `${each.type} ${each.package} ${each.version} at ${each.paths.join(', ')}`).toSorted();
}

function libraryLines({ packages }: Report): readonly string[] {
  return packages
    .filter(({ paths }) => paths.length > 0)
    .map(({ type, name, version, owner }) => `${type} ${name} ${version} by ${owner?.name ?? 'nobody'}`);
}

const codes = ({ diagnostics }: Report): readonly string[] =>
  diagnostics.map(({ code }) => code).filter((code) => code !== 'distribution-absent');

const SITE = 'usr/lib/python3/dist-packages';
const metadata = (name: string, version: string, site = 'app/site-packages'): LayerMembers => ({
  [`${site}/${name}-${version}.dist-info/METADATA`]: `Name: ${name}\nVersion: ${version}\n`,
});
const manifest = (name: string, version: string): LayerMembers => ({
  [`app/node_modules/${name}/package.json`]: JSON.stringify({ name, version }),
});
const gemspec = (name: string, version: string): LayerMembers => ({
  [`usr/local/bundle/specifications/${name}-${version}.gemspec`]: `s.name = "${name}"\ns.version = "${version}"\n`,
});
const installed = (name: string, version: string): LayerMembers => ({
  'app/vendor/composer/installed.json': JSON.stringify({ packages: [{ name, version }] }),
});
const program = (path: string, ...lines: readonly string[]): LayerMembers => ({
  [path]: elfFile([{ name: '.go.buildinfo', content: inlineInformation('go1.22.1', linesOf(...lines)) }]),
});

const BOOKWORM: LayerMembers = { 'etc/os-release': 'ID=debian\nVERSION_ID="12"\n' };

/** Returns the files of a Debian release with these packages, each with the files that the package lists. */
function debian(packages: Readonly<Record<string, readonly string[]>>, maintainer?: string): LayerMembers {
  const stanzas = Object.keys(packages).map((name) =>
    [
      `Package: ${name}`,
      'Status: install ok installed',
      'Version: 1',
      'Architecture: all',
      ...(maintainer === undefined ? [] : [`Maintainer: ${maintainer}`]),
      '',
    ].join('\n'),
  );
  const lists = Object.entries(packages).map(([name, paths]) => [
    `var/lib/dpkg/info/${name}.list`,
    ['/.', ...paths].map((path) => `${path}\n`).join(''),
  ]);
  return { ...BOOKWORM, 'var/lib/dpkg/status': stanzas.join('\n'), ...Object.fromEntries(lists) };
}

describe('a library is matched', () => {
  it.each<[what: string, image: LayerMembers, found: readonly string[]]>([
    [
      'by its name in the form of PEP 503 (28)',
      metadata('Jaraco.Context', '5.0'),
      ['pypi jaraco-context 5.0 at app/site-packages/Jaraco.Context-5.0.dist-info/METADATA'],
    ],
    [
      'with a local version, which is below the next release (30)',
      metadata('torch', '2.1.0+cu118'),
      ['pypi torch 2.1.0+cu118 at app/site-packages/torch-2.1.0+cu118.dist-info/METADATA'],
    ],
    ['by names of its own ecosystem only (90)', gemspec('vault', '0.1'), []],
    [
      'in the case of npm (95)',
      { ...manifest('JSONStream', '1.3.5'), ...manifest('jsonstream', '1.0.3') },
      ['npm JSONStream 1.3.5 at app/node_modules/JSONStream/package.json'],
    ],
    [
      'without the case of Packagist (95)',
      installed('Acme/Tools', '1.0.0'),
      ['composer acme/tools 1.0.0 at app/vendor/composer/installed.json'],
    ],
    [
      'as `+incompatible` is build metadata (61)',
      program('app', 'path x', 'mod x (devel) ', 'dep github.com/docker/docker v20.10.18+incompatible h1:x='),
      ['golang github.com/docker/docker v20.10.18+incompatible at app', 'golang stdlib 1.22.1 at app'],
    ],
    [
      'by the whole path of its module, with its case (62)',
      program(
        'app',
        'path x',
        'mod x (devel) ',
        'dep github.com/a/b v1.0.0 h1:x=',
        'dep github.com/azure/x v0.1.0 h1:x=',
        'dep github.com/a/b/v2 v2.0.0 h1:x=',
      ),
      ['golang github.com/a/b/v2 v2.0.0 at app', 'golang stdlib 1.22.1 at app'],
    ],
    [
      'never from an SBOM in the image (47)',
      {
        'var/lib/db/sbom/lodash.spdx.json': '{"packages":[{"name":"lodash","versionInfo":"4.17.20"}]}',
        ...manifest('a', '1.0.0'),
      },
      [],
    ],
    [
      'never from a Rust program without a list of crates (98)',
      {
        'usr/bin/rg': elfFile([{ name: '.rodata', content: Buffer.from('serde-1.0.200/src/lib.rs') }]),
        ...manifest('a', '1.0.0'),
      },
      [],
    ],
  ])('%s', async (_, image, found) => {
    const { status, report } = await scan(image);
    expect(findingLines(report)).toEqual(found);
    expect([status, codes(report)]).toEqual([0, []]);
  });
});

it('a distribution that Conda installed has each PyPI finding once (20)', async () => {
  const site = 'opt/conda/lib/python3.12/site-packages';
  const { report } = await scan({
    ...metadata('urllib3', '2.3.0', site),
    [`${site}/urllib3-2.3.0.dist-info/INSTALLER`]: 'conda\n',
    'opt/conda/conda-meta/urllib3-2.3.0-py312h06a4308_0.json': '{"name":"urllib3","version":"2.3.0"}',
  });
  expect(findingLines(report)).toEqual([`pypi urllib3 2.3.0 at ${site}/urllib3-2.3.0.dist-info/METADATA`]);
});

describe('a version that cannot be compared is not reported as safe', () => {
  it.each<[what: string, image: LayerMembers]>([
    ['of Python (29, 108)', metadata('pytz', '2004d')],
    ['of npm (108)', manifest('lodash', 'latest')],
    ['a branch of Composer (96)', installed('acme/tools', 'dev-main')],
  ])('%s', async (_, image) => {
    const { status, report } = await scan(image);
    expect(report.packages).toHaveLength(1);
    expect([status, findingLines(report), codes(report)]).toEqual([3, [], ['package-version-invalid']]);
  });
});

describe('a library in a Debian package', () => {
  const URLLIB3 = `/${SITE}/urllib3-2.3.0.dist-info/METADATA`;

  it('is left to the Debian feed, regardless of PyPI advisories (34, 36)', async () => {
    const image = { ...debian({ 'python3-urllib3': [URLLIB3] }), ...metadata('urllib3', '2.3.0', SITE) };
    const { status, report } = await scan(image);
    expect(libraryLines(report)).toEqual(['pypi urllib3 2.3.0 by python3-urllib3']);
    expect([status, findingLines(report), codes(report)]).toEqual([0, [], []]);
  });

  it('is matched if the package is a third-party package (46)', async () => {
    const nginx = 'NGINX Packaging <nginx-packaging@f5.com>';
    const image = { ...debian({ nginx: [URLLIB3] }, nginx), ...metadata('urllib3', '2.3.0', SITE) };
    const { report } = await scan(image);
    expect(libraryLines(report)).toEqual(['pypi urllib3 2.3.0 by nginx']);
    expect(findingLines(report)).toEqual([`pypi urllib3 2.3.0 at ${URLLIB3.slice(1)}`]);
    expect(codes(report)).toContain('owner-not-covered');
  });

  it('is matched at the paths that no package owns, and `clair explain` names the owner of the others', async () => {
    const image = {
      ...debian({ 'python3-urllib3': [URLLIB3] }),
      ...metadata('urllib3', '2.3.0', SITE),
      ...metadata('urllib3', '2.3.0'),
    };
    const { report } = await scan(image);
    const other = 'app/site-packages/urllib3-2.3.0.dist-info/METADATA';
    expect(report.packages.find(({ type }) => type === 'pypi')).toMatchObject({
      paths: [other, URLLIB3.slice(1)],
      owner: null,
    });
    expect(findingLines(report)).toEqual([`pypi urllib3 2.3.0 at ${other}`]);
    const { out } = await clair('explain', 'TRAP-PyPI-0', await archiveOf(image), '--format', 'json', '--db', database);
    const { packages } = JSON.parse(out);
    expect(packages).toMatchObject([
      { path: other, owner: null, verdict: 'affected' },
      { path: URLLIB3.slice(1), owner: { type: 'deb', name: 'python3-urllib3' }, verdict: 'not-affected' },
    ]);
  });

  it('is not owned by a package that lists the database, a copyright file or a directory above (43)', async () => {
    const listed = [
      '/usr',
      '/var/lib/dpkg/status',
      '/usr/share/doc/a/copyright',
      `/${SITE}`,
      `/${SITE}/urllib3-2.3.0.dist-info`,
    ];
    const image = {
      ...debian({ a: listed }),
      'usr/share/doc/a/copyright': 'x',
      ...metadata('urllib3', '2.3.0', SITE),
    };
    expect(libraryLines((await scan(image)).report)).toEqual(['pypi urllib3 2.3.0 by nobody']);
  });

  it('is the standard library of a program that Debian built with a patched Go (56)', async () => {
    const gh = program('usr/bin/gh', 'path github.com/cli/cli', 'mod github.com/cli/cli v2.0.0 h1:x=');
    const { report } = await scan({ ...debian({ gh: ['/usr/bin/gh'] }), ...gh });
    expect(libraryLines(report)).toContain('golang stdlib 1.22.1 by gh');
    expect([findingLines(report), codes(report)]).toEqual([[], []]);
  });

  it('is unknown in a Go program without a list of modules, but makes the report incomplete only without an owner (57)', async () => {
    const gh = program('usr/bin/gh', 'path github.com/cli/cli');
    const owned = await scan({ ...debian({ gh: ['/usr/bin/gh'] }), ...gh });
    expect([owned.status, codes(owned.report)]).toEqual([0, ['owned-binary-unidentified']]);
    const unowned = await scan({ ...debian({ gh: [] }), ...gh });
    expect([unowned.status, codes(unowned.report)]).toEqual([3, ['binary-unidentified']]);
  });
});
