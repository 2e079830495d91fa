/** Real programs, copied without the database of their packages. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLASSIFIERS } from '../../../src/worker/detectors/libraries/programs/classifiers.ts';
import { classifiedPrograms } from '../../../src/worker/detectors/libraries/programs/detector.ts';
import { librariesIn, unpackedPackages } from './installed-libraries.ts';

const detector = classifiedPrograms(CLASSIFIERS);

/** Debian packages: the package, the program, and the name of the file in the package. */
const PROGRAMS = [
  ['nginx', 'nginx', 'nginx'],
  ['redis-tools', 'redis', 'redis-check-rdb'],
  ['valkey-tools', 'valkey', 'valkey-check-rdb'],
  ['memcached', 'memcached', 'memcached'],
  ['postgresql-17', 'postgresql', 'postgres'],
  ['mariadb-server-core', 'mariadb', 'mariadbd'],
  ['php8.4-cli', 'php', 'php8.4'],
  ['perl-base', 'perl', 'perl'],
  ['libruby3.3', 'ruby', 'libruby-3.3.so.3.3.*'],
  ['python3.13-minimal', 'python', 'python3.13'],
  ['libpython3.13', 'python', 'libpython3.13.so.1.0'],
  ['apache2-bin', 'httpd', 'apache2'],
  ['haproxy', 'haproxy', 'haproxy'],
  ['openssl', 'openssl', 'openssl'],
  ['libssl3t64', 'openssl', 'libcrypto.so.3'],
  ['curl', 'curl', 'curl'],
  ['libcurl4t64', 'curl', 'libcurl.so.4.*'],
  ['busybox', 'busybox', 'busybox'],
  ['bash', 'bash', 'bash'],
  ['libnode115', 'node', 'libnode.so.115'],
] as const;

/** Returns the upstream version in a package version: no epoch, no revision, and no suffix of repacked sources. */
function upstream(version: string): string {
  return version
    .replace(/^\d+:/, '')
    .replace(/-[^-]*$/, '')
    .replace(/\+.*$/, '');
}

function versionOf(name: string): string {
  const lines = execFileSync('apt-cache', ['show', '--no-all-versions', name], { encoding: 'utf8' });
  return upstream(/^Version: (.*)$/m.exec(lines)?.[1] ?? '');
}

describe('Debian programs without the package database', () => {
  let folder: string;
  let files: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'clair-programs-'));
    files = unpackedPackages(folder, ...PROGRAMS.map(([name]) => name));
  }, 600_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('are recognised with their upstream version', async () => {
    const target = join(folder, 'copies');
    mkdirSync(join(target, 'opt/x/bin'), { recursive: true });
    const paths = execFileSync('find', [files, '-type', 'f', '(', '-path', '*bin/*', '-o', '-name', '*.so*', ')'], {
      encoding: 'utf8',
    })
      .trim()
      .split('\n');
    const expected = PROGRAMS.map(([name, program, pattern]) => {
      const matches = new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '.*')}$`);
      const path = paths.find((each) => matches.test(basename(each))) ?? '';
      cpSync(path, join(target, 'opt/x/bin', basename(path)));
      return `${program} ${versionOf(name)} opt/x/bin/${basename(path)}`;
    });
    const { libraries } = await librariesIn(target, detector);
    expect(libraries).toEqual(expected.toSorted());
  }, 600_000);
});

describe('other programs of this system', () => {
  const NAMES = CLASSIFIERS.flatMap(({ files }) => files.map((each) => each.replace(/\*.*$/, '')));

  it('are not recognised, even under the names of recognised programs', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'clair-programs-'));
    try {
      const others = readdirSync('/usr/bin')
        .filter((name) => !NAMES.some((each) => name.startsWith(each)))
        .map((name) => join('/usr/bin', name))
        .filter(
          (path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true && statSync(path).size < 4_000_000,
        )
        .slice(0, 200);
      expect(others.length).toBeGreaterThan(100);
      for (const [at, path] of others.entries()) {
        for (const name of [basename(path), NAMES[at % NAMES.length] ?? '']) {
          const directory = join(folder, `opt/${at}`);
          mkdirSync(directory, { recursive: true });
          cpSync(path, join(directory, name));
        }
      }
      expect((await librariesIn(folder, detector)).libraries).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 600_000);
});
