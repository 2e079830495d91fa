/**
 * Installs PHP packages from folders with Composer, and compares the packages that Clair finds with the output of
 * `composer show`.
 */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { env } from 'node:process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { composerPackages } from '../../../src/worker/detectors/libraries/composer/detector.ts';
import { works } from '../program.ts';
import { librariesIn } from './installed-libraries.ts';

const HAS_COMPOSER = works('composer', ['--version', '--no-interaction']);
if (!HAS_COMPOSER) console.warn('composer: SKIPPED, missing the program composer (Debian package composer)');

const folder = mkdtempSync(join(tmpdir(), 'clair-composer-'));
afterAll(() => rmSync(folder, { recursive: true }));

const PROJECT = 'srv/app';
const project = join(folder, 'image', PROJECT);

/** The packages in the folders, with versions of releases, pre-releases and branches in Composer's notation. */
const OFFERED: readonly object[] = [
  { name: 'acme/log', version: '3.0.2', replace: { 'acme/old-log': 'self.version' } },
  { name: 'acme/mailer', version: 'v1.4.0', require: { 'acme/log': '^3' }, provide: { 'psr/mail': '1.0' } },
  { name: 'acme/branch', version: 'dev-main' },
  { name: 'acme/tester', version: '9.9.9-beta2', require: { 'acme/asserts': '*' } },
  { name: 'acme/asserts', version: '0.1.0.7' },
];

function writeProject(): void {
  const repositories = [
    { 'packagist.org': false },
    { type: 'path', url: join(folder, 'offered', '*'), options: { symlink: false } },
  ];
  const required = { 'acme/mailer': '^1', 'acme/branch': 'dev-main' };
  const manifest = { name: 'clair/app', repositories, require: required, 'require-dev': { 'acme/tester': '^9@beta' } };
  writeFileSync(join(project, 'composer.json'), JSON.stringify(manifest));
}

async function composer(...args: readonly string[]): Promise<string> {
  const settings = {
    COMPOSER_HOME: join(folder, 'home'),
    COMPOSER_ALLOW_SUPERUSER: '1',
    COMPOSER_DISABLE_NETWORK: '1',
  };
  const options = { cwd: project, env: { ...env, ...settings } };
  return (await promisify(execFile)('composer', [...args, '--no-interaction'], options)).stdout;
}

/** Returns the packages as {@link librariesIn} does; packages that only development needs have the flag `dev`. */
async function shownPackages(): Promise<readonly string[]> {
  const list = async (...args: readonly string[]): Promise<readonly { name: string; version: string }[]> => {
    // Without packages, Composer prints an empty list instead of an object.
    const { installed = [] } = JSON.parse(await composer('show', '--format=json', ...args));
    return installed;
  };
  const needed = new Set((await list('--no-dev')).map(({ name }) => name));
  const path = `${PROJECT}/vendor/composer/installed.json`;
  return (await list())
    .map(({ name, version }) => `${name} ${version.split(' ')[0]} ${path}${needed.has(name) ? '' : ' dev'}`)
    .toSorted();
}

beforeAll(() => {
  for (const manifest of OFFERED) {
    const { name } = manifest as { readonly name: string };
    const path = join(folder, 'offered', name.replace('/', '-'), 'composer.json');
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, JSON.stringify(manifest));
  }
  mkdirSync(project, { recursive: true });
  writeProject();
});

async function libraries(): Promise<readonly string[]> {
  const { libraries: listed, diagnostics } = await librariesIn(join(folder, 'image'), composerPackages);
  expect(diagnostics).toEqual([]);
  return listed;
}

describe.skipIf(!HAS_COMPOSER)('the packages that Composer installed', { timeout: 120_000 }, () => {
  it('equal its list, with development packages', async () => {
    await composer('install');
    const listed = await libraries();
    expect(listed).toEqual(await shownPackages());
    expect(listed.map((line) => line.replace(` ${PROJECT}/vendor/composer/installed.json`, ''))).toEqual([
      'acme/asserts 0.1.0.7 dev',
      'acme/branch dev-main',
      'acme/log 3.0.2',
      'acme/mailer v1.4.0',
      'acme/tester 9.9.9-beta2 dev',
    ]);
  });

  it('equal its list after an update', async () => {
    const path = join(folder, 'offered', 'acme-log', 'composer.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace('3.0.2', '3.1.0'));
    await composer('update', 'acme/log');
    const listed = await libraries();
    expect(listed).toEqual(await shownPackages());
    expect(listed.some((line) => line.startsWith('acme/log 3.1.0 '))).toBe(true);
  });

  it('equal its list without development packages, even if composer.lock lists a package that is not installed', async () => {
    await composer('install', '--no-dev');
    const without = await shownPackages();
    expect(await libraries()).toEqual(without);
    expect(without.some((line) => line.endsWith(' dev'))).toBe(false);
    const extra = join(folder, 'offered', 'acme-extra');
    cpSync(join(folder, 'offered', 'acme-asserts'), extra, { recursive: true });
    writeFileSync(join(extra, 'composer.json'), JSON.stringify({ name: 'acme/extra', version: '2.0.0' }));
    await composer('require', 'acme/extra', '--no-install');
    expect(readFileSync(join(project, 'composer.lock'), 'utf8')).toContain('acme/extra');
    expect(await libraries()).toEqual(without);
  });
});
