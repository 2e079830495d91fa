import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve as absolute } from 'node:path';
import { env } from 'node:process';
import { fileURLToPath } from 'node:url';
import lzma from 'lzma-native';
import { stringify } from 'yaml';
import { compress as compressZstd } from 'zstd-napi';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../../src/model/report/report.ts';
import { clairVersion } from '../../../src/version.ts';
import { buildDemoLayers, DEMO_FEED } from '../../fixtures/demo-image.ts';
import { rpmHeader } from '../../../src/worker/detectors/packages/rpm/testing/rpm-header.ts';
import { sqliteDatabase } from '../../../src/worker/detectors/packages/rpm/testing/rpm-sqlite.ts';
import { type BuiltLayer, buildLayer, writeOciLayout } from '../../../src/worker/testing/image-builder.ts';
import { newPostgresSource } from '../../../src/database/testing/stores.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'clair-one-file-'));
const inFolder = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

/** An environment without Node in the PATH and without libraries above the folder. */
const SURROUNDINGS = {
  cwd: inFolder('empty'),
  env: { PATH: inFolder('empty'), XDG_CACHE_HOME: inFolder('cache'), TMPDIR: inFolder('empty') },
} as const;
const PROGRAM = inFolder('program/clair');

let layers: readonly BuiltLayer[];

beforeAll(async () => {
  mkdirSync(inFolder('empty'));
  mkdirSync(inFolder('cache'), { mode: 0o700 });
  // The path of the executable that `npm run package` builds, relative to the root of the repository.
  const packaged = env['CLAIR_TEST_EXECUTABLE'];
  if (packaged === undefined) {
    const args = ['tsx', 'scripts/package.ts', '--out', inFolder('program')];
    execFileSync('npx', ['--no-install', ...args], { cwd: ROOT, env, stdio: ['ignore', 'ignore', 'pipe'] });
  } else {
    mkdirSync(inFolder('program'));
    copyFileSync(absolute(ROOT, packaged), PROGRAM);
  }
  layers = await buildDemoLayers();
}, 600_000);

type Outcome = { readonly status: number | null; readonly stdout: string; readonly stderr: string };

function clair(...args: readonly string[]): Outcome {
  return spawnSync(PROGRAM, args, { ...SURROUNDINGS, encoding: 'utf8' });
}

function reportOf(target: string, database: string): Report {
  return JSON.parse(clair('scan', target, '--format', 'json', '--db', database).stdout);
}

/**
 * Lists the files of the program in its cache folder, which also contains Node's compiled code and the list of feeds.
 */
function unpackedFiles(): readonly string[] {
  const release = readdirSync(inFolder('cache/clair')).find((name) => /^[0-9a-f]{32}$/.test(name));
  const entries = readdirSync(inFolder(`cache/clair/${release}`), { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

describe('the single-file executable', () => {
  it('runs alone and prints its version', () => {
    expect(clair('--version')).toMatchObject({ status: 0, stdout: `${clairVersion()}\n`, stderr: '' });
    expect(statSync(inFolder('cache/clair')).mode & 0o777).toBe(0o700);
  });

  it('contains no path of its build', () => {
    expect(unpackedFiles().filter((path) => path.endsWith('.node'))).not.toEqual([]);
    const leading = unpackedFiles().filter(
      (path) =>
        /\.(js|cjs|json|cache)$/.test(path) &&
        [ROOT, 'clair-package-'].some((each) => readFileSync(path).includes(each)),
    );
    expect(leading).toEqual([]);
  });

  it('uses its code cache', () => {
    const { cwd, env: variables } = SURROUNDINGS;
    const options = { cwd, env: { ...variables, NODE_DEBUG: 'clair' }, encoding: 'utf8' } as const;
    expect(spawnSync(PROGRAM, ['--version'], options).stderr).toMatch(/^CLAIR \d+: uses the code cache\n$/);
  });

  it('runs its own code, even if a user changed the extracted files', () => {
    const main = unpackedFiles().find((path) => path.endsWith('clair.cjs')) ?? '';
    rmSync(main);
    writeFileSync(main, 'process.exit(99)');
    expect(clair('--version').status).toBe(0);
  });

  it('reports the directory that it needs when it cannot write', () => {
    const { cwd, env: variables } = SURROUNDINGS;
    const nowhere = { ...variables, XDG_CACHE_HOME: '/dev/null', TMPDIR: '/dev/null' };
    const { status, stderr } = spawnSync(PROGRAM, ['--version'], { cwd, env: nowhere, encoding: 'utf8' });
    expect(status).toBe(2);
    expect(stderr).toContain('/dev/null/clair: ');
    expect(stderr).toContain('that permits execution. [program/not-unpacked]');
  });

  // The threads that read layers load SQLite themselves, only for such a database.
  it('reads the packages of an SQLite database of rpm', async () => {
    const packages = { name: 'tool', version: '3.1', release: '1.el9', sourceRpm: 'tool-3.1-1.el9.src.rpm' };
    const tar = await buildLayer({
      'etc/os-release': 'ID="rhel"\nVERSION_ID="9.4"\n',
      'var/lib/rpm/rpmdb.sqlite': sqliteDatabase([rpmHeader(packages)]),
    });
    const layout = mkdtempSync(inFolder('layout-'));
    writeOciLayout(layout, [{ tar, createdBy: 'step 0' }], 'v1');
    const { stdout } = clair('scan', layout, '--format', 'cyclonedx', '--db', inFolder('rpm.db'));
    const { components }: { components: readonly { name: string; version: string }[] } = JSON.parse(stdout);
    expect(components.find(({ name }) => name === 'tool')).toMatchObject({ version: '3.1-1.el9' });
  });
});

describe.each([
  ['the embedded database', () => join(mkdtempSync(inFolder('database-')), 'clair.db')],
  ['PostgreSQL', newPostgresSource],
])('the single-file executable on %s', (_, address) => {
  it.each<[string, (bytes: Buffer) => Buffer | Promise<Buffer>]>([
    ['plain', (bytes) => bytes],
    ['xz', compressXz],
    ['zstd', (bytes) => compressZstd(bytes)],
  ])('reads feeds and layers that are %s', async (form, compress) => {
    const database = address();
    const feed = inFolder(`feed.json.${form}`);
    writeFileSync(feed, await compress(readFileSync(DEMO_FEED)));
    const update = clair('update', '--feed', 'debian', '--from', feed, '--db', database);
    expect(update).toMatchObject({ status: 0, stdout: expect.stringContaining('debian: ') });
    const compressed = new Map<Buffer, Buffer>();
    for (const { tar } of layers) compressed.set(tar, await compress(tar));
    const layout = mkdtempSync(inFolder('layout-'));
    writeOciLayout(layout, layers, 'v1', (tar) => compressed.get(tar)!);
    const { findings, diagnostics } = reportOf(layout, database);
    expect(new Set(findings.map(({ id }) => id))).toEqual(new Set(['CVE-2099-0002', 'CVE-2099-0005']));
    expect(diagnostics.map(({ code }) => code)).toEqual(['feed-undecided']);
  });

  it('serves requests while a thread runs an update', async () => {
    const tracker = createServer((_request, response) => response.end(readFileSync(DEMO_FEED)));
    await new Promise<void>((resolve) => tracker.listen(0, '127.0.0.1', resolve));
    const { port } = tracker.address() as AddressInfo;
    const config = inFolder('clair.yaml');
    const updater = { feeds: ['debian'], addresses: { debian: `http://127.0.0.1:${port}/` } };
    writeFileSync(config, stringify({ updater, api: { port: 0, healthport: null } }));
    const database = address();
    const server = spawn(PROGRAM, ['serve', '--config', config, '--db', database], {
      ...SURROUNDINGS,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    try {
      const [line] = await once(server.stdout, 'data');
      const [, url] = /listens on (\S+)/.exec(String(line)) ?? [];
      const known = async (): Promise<number> =>
        (await fetch(`${url}/v1/vulnerabilities/CVE-2099-0004`, { signal: AbortSignal.timeout(5000) })).status;
      await expect.poll(known, { timeout: 30_000 }).toBe(200);
      const page = await fetch(`${url}/`);
      expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    } finally {
      server.kill('SIGTERM');
      tracker.closeAllConnections();
      tracker.close();
    }
    expect(await once(server, 'exit')).toEqual([0, null]);
  });
});

function compressXz(bytes: Buffer): Promise<Buffer> {
  return new Promise((resolve) => lzma.compress(bytes, {}, resolve));
}
