/** Real programs, copied without the package database. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLASSIFIERS } from '../../../src/worker/detectors/libraries/programs/classifiers.ts';
import { classifiedPrograms } from '../../../src/worker/detectors/libraries/programs/detector.ts';
import { librariesIn, unpackedPackages } from './installed-libraries.ts';
import { upstream } from './program-versions.ts';

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
