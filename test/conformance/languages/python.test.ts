/** Compares the installed Python distributions with Python's own list, in Debian packages and in environments. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { pypi } from '../../../src/worker/detectors/libraries/pypi/detector.ts';
import { works } from '../program.ts';
import { librariesIn, unpackedPackages } from './installed-libraries.ts';

const PYTHON = '/usr/bin/python3';
const MISSING: readonly string[] = [
  ...(works('apt-get', ['--version']) && works('dpkg-deb', ['--version']) ? [] : ['apt-get and dpkg-deb']),
  ...(works(PYTHON, ['-c', 'import ensurepip, venv']) ? [] : ['the Debian package python3-venv']),
];
const IS_SKIPPED = MISSING.length > 0 && process.env['CI'] !== 'true';
if (MISSING.length > 0) console.warn(`python: ${IS_SKIPPED ? 'SKIPPED' : 'FAILS'}, missing ${MISSING.join(' and ')}`);

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'clair-python-')));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Prints the distributions in directories as `NAME VERSION FILE`, as Python's import system lists them. */
const LIST = `
import importlib.metadata, os, re, sys
for each in importlib.metadata.distributions(path=sys.argv[1:]):
    files = [os.path.join(str(each._path), name) for name in ('METADATA', 'PKG-INFO')]
    file = next((file for file in files if os.path.exists(file)), str(each._path))
    print(re.sub('[-_.]+', '-', each.metadata['Name']).lower(), each.version, file)
`;

/** Returns Python's list of the distributions in a directory, with paths relative to `root`. */
function listedBy(python: string, root: string, directory: string): readonly string[] {
  const lines = execFileSync(python, ['-c', LIST, directory], { encoding: 'utf8' }).trim().split('\n');
  return lines.map((line) => {
    const [name, version, ...path] = line.split(' ');
    return `${name} ${version} ${relative(root, path.join(' '))}`;
  });
}

const PACKAGES = [
  'python3-cryptography',
  'python3-jaraco.context',
  'python3-jinja2',
  'python3-pip',
  'python3-pkg-resources',
  'python3-requests',
  'python3-setuptools',
  'python3-urllib3',
  'python3-yaml',
];

describe.skipIf(IS_SKIPPED)('the distributions of Debian packages', { timeout: 180_000 }, () => {
  it("equal Python's list, and distributions inside setuptools are vendored", async () => {
    expect(MISSING).toEqual([]);
    mkdirSync(join(folder, 'debian'));
    const files = unpackedPackages(join(folder, 'debian'), ...PACKAGES);
    const site = join(files, 'usr/lib/python3/dist-packages');
    const installed = listedBy(PYTHON, files, site);
    const vendored = listedBy(PYTHON, files, join(site, 'setuptools/_vendor')).map((line) => `${line} vendored`);
    expect(installed).toHaveLength(PACKAGES.length - 1);
    expect(vendored.length).toBeGreaterThan(10);

    const { libraries, marks, diagnostics } = await librariesIn(files, pypi);
    expect(libraries).toEqual([...installed, ...vendored].toSorted());
    expect(diagnostics).toEqual([]);

    // The test eggs of setuptools are present, but are not installed.
    expect(existsSync(join(site, 'pkg_resources/tests/data/my-test-package_zipped-egg'))).toBe(true);
    const written = libraries
      .map((line) => line.split(' ')[2] ?? '')
      .filter((path) => existsSync(join(files, path, '../INSTALLER')));
    expect(written.length).toBeGreaterThan(PACKAGES.length);
    expect(marks.toSorted((a, b) => (a.path < b.path ? -1 : 1))).toEqual(
      written.toSorted().map((path) => ({ path, installer: 'deb' })),
    );
  });
});

describe.skipIf(IS_SKIPPED)('the distributions of an environment', { timeout: 180_000 }, () => {
  it('equal the list of pip', async () => {
    expect(MISSING).toEqual([]);
    const environment = join(folder, 'environment');
    execFileSync(PYTHON, ['-m', 'venv', environment]);
    const pip = (...args: readonly string[]): string => {
      return execFileSync(join(environment, 'bin/pip'), ['--disable-pip-version-check', ...args], { encoding: 'utf8' });
    };
    const install = ['install', '-q', '--no-compile', '--no-index', '--find-links', '/usr/share/python-wheels'];
    pip(...install, 'setuptools');
    const projects = ['Plain.App', 'Edited_App'].map((name) => {
      const project = join(folder, name);
      mkdirSync(project);
      writeFileSync(
        join(project, 'pyproject.toml'),
        `[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n` +
          `[project]\nname = "${name}"\nversion = "1.2"\n[tool.setuptools]\npackages = []\n`,
      );
      return project;
    });
    pip(...install, '--no-build-isolation', projects[0] ?? '', '-e', projects[1] ?? '');
    const listed: readonly { readonly name: string; readonly version: string }[] = JSON.parse(
      pip('list', '--format', 'json'),
    );
    const named = listed.map(({ name, version }) => `${name.toLowerCase().replaceAll(/[-_.]+/g, '-')} ${version}`);
    expect(named).toEqual(expect.arrayContaining(['edited-app 1.2', 'plain-app 1.2']));

    const { libraries, diagnostics } = await librariesIn(environment, pypi);
    const own = libraries.filter((line) => !line.endsWith(' vendored'));
    expect(own.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual(named.toSorted());
    const version = execFileSync(join(environment, 'bin/python'), [
      '-c',
      'import sys; print("%d.%d" % sys.version_info[:2])',
    ])
      .toString()
      .trim();
    const site = join(environment, 'lib', `python${version}`, 'site-packages');
    expect(own).toEqual(listedBy(PYTHON, environment, site).toSorted());
    const vendored = listedBy(PYTHON, environment, join(site, 'setuptools/_vendor')).map((line) => `${line} vendored`);
    expect(libraries.filter((line) => line.endsWith(' vendored'))).toEqual(vendored.toSorted());
    expect(diagnostics).toMatchObject([
      { code: 'library-version-uncertain', message: expect.stringMatching(/^edited_app-1\.2 was installed from/i) },
    ]);
  });
});
