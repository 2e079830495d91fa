import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { env, execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import lzma from 'lzma-native';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compress as compressZstd } from 'zstd-napi';
import type { Report } from '../../src/model/report/report.ts';
import { type BuiltLayer, writeOciLayout } from '../../src/worker/testing/image-builder.ts';
import { buildDemoLayers, DEMO_FEED } from '../fixtures/demo-image.ts';

/**
 * Packs Clair for npm, and installs the package with `npm install --global`. Copies native libraries from the
 * repository, because compiling them takes minutes. If `CLAIR_TEST_PACKAGE` names a packed file (relative to the root
 * of the repository), installs that file with its install scripts instead.
 */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** The files of the repository that `npm pack` builds from. */
const PARTS = ['LICENSE', 'README.md', 'package.json', 'scripts', 'src', 'tsconfig.json', 'web'];
/** The libraries whose install scripts compile native code; lzma-native contains compiled code. */
const COMPILED = ['better-sqlite3', 'zstd-napi'] as const;
/** npm 12 runs install scripts only of packages that the command names. */
const ALLOW_SCRIPTS = `--allow-scripts=${COMPILED.join(',')}`;

const folder = mkdtempSync(join(tmpdir(), 'clair-npm-'));
const inFolder = (name: string): string => join(folder, name);
const given = env['CLAIR_TEST_PACKAGE'];
/** An environment without the repository: only Node and the programs of the system. */
const SURROUNDINGS = {
  cwd: inFolder('empty'),
  env: { PATH: [dirname(execPath), '/usr/bin', '/bin'].join(delimiter), HOME: inFolder('empty') },
} as const;

let packed: readonly string[];
/** The folder of the installed package. */
let installed: string;
let layers: readonly BuiltLayer[];
/** The errors of scans of an image with zstd layers: without the native code of any library, and of zstd-napi. */
const incomplete = new Map<string, Outcome>();

beforeAll(async () => {
  for (const name of ['empty', 'clair', 'packed']) mkdirSync(inFolder(name));
  const tarball = given === undefined ? packClair() : resolve(ROOT, given);
  const tar = (...args: readonly string[]): string => execFileSync('tar', args, { encoding: 'utf8' });
  packed = tar('-tzf', tarball)
    .trim()
    .split('\n')
    .map((path) => path.replace('package/', ''));
  const { name }: { name: string } = JSON.parse(tar('-xzOf', tarball, 'package/package.json'));
  installed = inFolder(`prefix/lib/node_modules/${name}`);
  const options = ['--global', '--prefix', inFolder('prefix'), '--prefer-offline'];
  npm('empty', 'install', ...options, given === undefined ? '--ignore-scripts' : ALLOW_SCRIPTS, tarball);
  layers = await buildDemoLayers();
  writeOciLayout(inFolder('image'), layers, 'v1', (bytes) => compressZstd(bytes));
  for (const library of given === undefined ? COMPILED : []) {
    incomplete.set(library, clair('scan', inFolder('image'), '--db', inFolder('incomplete.db')));
    const build = join('node_modules', library, 'build');
    cpSync(join(ROOT, build), join(installed, build), { recursive: true });
  }
}, 600_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the npm package', () => {
  it('contains the built program, the web UI and licenses, and nothing else', () => {
    const kinds = [
      /^(LICENSE|README\.md|package\.json|dist\/THIRD-PARTY-LICENSES\.txt)$/,
      /^dist\/[\w-]+\.js$/,
      /^dist\/migrations\/(postgres|sqlite)\/\d{4}-[\w-]+\.sql$/,
      /^dist\/web\/(index\.html|early\.js|icon\.svg|assets\/[\w-]+\.(js|css))$/,
    ];
    expect(packed.filter((path) => !kinds.some((kind) => kind.test(path)))).toEqual([]);
    for (const kind of kinds) expect(packed.some((path) => kind.test(path))).toBe(true);
    const notices = readFileSync(join(installed, 'dist/THIRD-PARTY-LICENSES.txt'), 'utf8');
    for (const name of ['fastify', 'pg', 'preact']) expect(notices).toMatch(new RegExp(`^${name} \\d`, 'm'));
  });

  it('contains no path of its build', () => {
    const code = packed.filter((path) => path.endsWith('.js') || path.endsWith('.html'));
    const naming = code.filter((path) => readFileSync(join(installed, path)).includes(folder));
    expect(naming).toEqual([]);
  });

  it('needs only libraries with native code', () => {
    const { dependencies }: { dependencies: Record<string, string> } = JSON.parse(
      readFileSync(join(installed, 'package.json'), 'utf8'),
    );
    expect(Object.keys(dependencies)).toEqual(['better-sqlite3', 'lzma-native', 'zstd-napi']);
  });
});

describe('clair, installed from npm', () => {
  it('prints its version', () => {
    const { version }: { version: string } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(clair('--version')).toMatchObject({ status: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('scans an image with a zstd layer, with an xz feed', async () => {
    const feed = inFolder('feed.json.xz');
    writeFileSync(feed, await compressXz(readFileSync(DEMO_FEED)));
    const update = clair('update', '--feed', 'debian', '--from', feed, '--db', inFolder('clair.db'));
    expect(update).toMatchObject({ status: 0, stdout: expect.stringContaining('debian: ') });
    const { stdout } = clair('scan', inFolder('image'), '--format', 'json', '--db', inFolder('clair.db'));
    const { findings }: Report = JSON.parse(stdout);
    expect(new Set(findings.map(({ id }) => id))).toEqual(new Set(['CVE-2099-0002', 'CVE-2099-0005']));
  });

  it.skipIf(given !== undefined).each(COMPILED)('states how to install it if npm did not build %s', (library) => {
    const { status, stderr } = incomplete.get(library) ?? {};
    expect(status).toBe(2);
    expect(stderr).toContain(`clair: cannot load ${library}: its native code is missing`);
    expect(stderr).toContain(ALLOW_SCRIPTS);
    expect(stderr).toContain('[installation/incomplete]');
  });

  it('serves the API and the web UI, and stops', async () => {
    const options = ['--db', inFolder('clair.db'), '--port', '0', '--no-updates', '--no-health-port'];
    const server = spawn(inFolder('prefix/bin/clair'), ['serve', ...options], {
      ...SURROUNDINGS,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const exited = once(server, 'exit');
    try {
      const [line] = await Promise.race([once(server.stdout, 'data'), exited]);
      const [, url] = /listens on (\S+)/.exec(String(line)) ?? [];
      const page = await fetch(`${url}/`);
      expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
      expect((await fetch(`${url}/v1/vulnerabilities/CVE-2099-0004`)).status).toBe(200);
    } finally {
      server.kill('SIGTERM');
    }
    expect(await exited).toEqual([0, null]);
  });
});

type Outcome = { readonly status: number | null; readonly stdout: string; readonly stderr: string };

function clair(...args: readonly string[]): Outcome {
  return spawnSync(inFolder('prefix/bin/clair'), args, { ...SURROUNDINGS, encoding: 'utf8' });
}

/** Runs `npm pack` in a copy of the repository, because `npm pack` builds Clair; returns the path of the package. */
function packClair(): string {
  for (const part of PARTS) cpSync(join(ROOT, part), inFolder(join('clair', part)), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), inFolder('clair/node_modules'));
  npm('clair', 'pack', '--pack-destination', inFolder('packed'));
  const [name = ''] = readdirSync(inFolder('packed'));
  return inFolder(join('packed', name));
}

function npm(place: string, ...args: readonly string[]): void {
  // npm runs on the Node release of this process.
  const PATH = [dirname(execPath), env['PATH']].join(delimiter);
  const stdio = ['ignore', 'ignore', 'pipe'] as const;
  execFileSync('npm', args, { cwd: inFolder(place), env: { ...env, PATH }, stdio: [...stdio] });
}

function compressXz(bytes: Buffer): Promise<Buffer> {
  return new Promise((done) => lzma.compress(bytes, {}, done));
}
