import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeProgram } from '../../scripts/package/compiled-program.ts';
import { buildDockerArchive, buildLayer } from '../../src/worker/testing/image-builder.ts';

/**
 * A new ecosystem needs only new files and entries in the index files of four folders: the test adds a made-up
 * ecosystem to a copy of the sources, builds the copy, and runs every feature with the new packages.
 */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'clair-ecosystem-'));
const PROGRAM = join(folder, 'dist');
const DATABASE = join(folder, 'clair.db');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const FILES: Readonly<Record<string, string>> = {
  'src/versions/made.ts': `
import { invalidVersion } from './keys/invalid-version.ts';
import { createScheme, type VersionScheme } from './scheme.ts';

/** Whole numbers: their length, and then their digits. */
export const made: VersionScheme<'made'> = createScheme('made', (version) => {
  if (!/^[1-9][0-9]{0,8}$/.test(version)) throw invalidVersion(version, 'is no whole number');
  return Buffer.from(String.fromCharCode(version.length) + version, 'latin1');
});
`,
  'src/ecosystems/made.ts': `
import { PackageURL } from 'packageurl-js';
import type { LibraryPackage } from '../model/feature.ts';
import type { Ecosystem } from './ecosystem.ts';

const normalized = (name: string): string => name.toLowerCase().replaceAll('_', '-');

export const made: Ecosystem<LibraryPackage> = {
  type: 'made',
  scheme: 'made',
  namespaces: ['made'],
  namespaceOf: () => 'made',
  lines: ({ name, version }) => [{ name: normalized(name), version }],
  aliasesAreNames: true,
  purl: ({ name, version }) => new PackageURL('made', undefined, normalized(name), version, undefined, undefined).toString(),
  featureOf: ({ type, name, version }) => (type === 'made' ? { type, name, version } : undefined),
};
`,
  'src/worker/detectors/libraries/made/detector.ts': `
import type { Detector } from '../../detector.ts';

export const made: Detector = {
  id: 'made',
  kind: 'features',
  version: 1,
  wants: [{ kind: 'basename', name: 'made.json' }],
  read(path, bytes) {
    const { name, version }: { name: string; version: string } = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return { features: [{ feature: { type: 'made', name, version }, path }], diagnostics: [] };
  },
};
`,
  'src/updater/fetchers/made/fetcher.ts': `
import { readFile } from 'node:fs/promises';
import type { Advisory } from '../../../model/advisories/advisory.ts';
import type { DescribedFetcher } from '../../feed/fetcher.ts';

async function* advisoriesIn(path: string): AsyncGenerator<Advisory> {
  const advisories: readonly Advisory[] = JSON.parse(await readFile(path, 'utf8'));
  yield* advisories;
}

export const made: DescribedFetcher = {
  id: 'made',
  version: 1,
  scheme: 'made',
  distributions: ['made'],
  url: 'https://made.test/',
  coverage: { namespaces: ['made'], reads: 'one list of advisories', severity: 'that of the advisory', notes: [] },
  fetch: async ({ from = '' }) => ({ kind: 'advisories', advisories: advisoriesIn(from), recordDiagnostics: { count: 0, skipped: 0, examples: [] }, validators: {} }),
};
`,
};

/** The new entries: index file, import line, entry, and the text after the entry. */
const LISTS: readonly (readonly [file: string, importLine: string, item: string, before: string])[] = [
  ['src/versions/index.ts', "import { made } from './made.ts';", "'made' | ", "'apk'"],
  ['src/versions/index.ts', '', 'made, ', 'apk,'],
  ['src/ecosystems/index.ts', "import { made } from './made.ts';", 'made,\n  ', 'apk,\n  cargo,'],
  [
    'src/worker/detectors/index.ts',
    "import { made } from './libraries/made/detector.ts';",
    'made,\n  ',
    'osRelease,\n  lsbRelease',
  ],
  ['src/worker/detectors/engine-version.ts', '', 'made: 1,\n  ', "'os-release': 1"],
  ['src/updater/fetchers/index.ts', "import { made } from './made/fetcher.ts';", 'made,\n  ', 'almalinux,\n  alpine'],
];

/** Runs several commands in one process, because starting the program takes most of the time of a command. */
const COMMANDS = `
import { argv, stdout } from 'node:process';
import { runCli } from './src/cli/program.ts';

const { signal } = new AbortController();
const outputs: string[] = [];
for (const args of JSON.parse(argv[2] ?? '') as string[][]) {
  let [out, err] = ['', ''];
  await runCli(args, { out: (text) => (out += text), err: (text) => (err += text), signal });
  outputs.push(out === '' ? err : out);
}
stdout.write(JSON.stringify(outputs));
`;

const ADVISORIES = [
  {
    id: 'MADE-2099-1',
    link: 'https://made.test/1',
    description: 'Versions below 10 pad on the wrong side.',
    aliases: ['CVE-2099-0001'],
    affected: [{ namespace: 'made', package: 'left-pad', fixed: '10', severity: 'High', status: 'fixed' }],
  },
  {
    id: 'GHSA-made-0001',
    link: 'https://github.test/1',
    description: 'The same fault in other words.',
    aliases: ['MADE-2099-1', 'CVE-2099-0001'],
    affected: [{ namespace: 'made', package: 'left-pad', fixed: '11', severity: 'Low', status: 'fixed' }],
  },
  {
    id: 'MADE-2099-3',
    link: 'https://made.test/3',
    description: 'The fault again: it is no advisory for what is installed, but for the version that fixes the others.',
    aliases: ['CVE-2099-0001'],
    affected: [
      { namespace: 'made', package: 'left-pad', introduced: '10', fixed: '12', severity: 'High', status: 'fixed' },
    ],
  },
  {
    id: 'MADE-2099-2',
    link: 'https://made.test/2',
    description: 'A fault that only one advisory is about.',
    affected: [{ namespace: 'made', package: 'left-pad', severity: 'Medium', status: 'open' }],
  },
];

beforeAll(async () => {
  const isNeeded = (path: string): boolean => !/\.test\.tsx?$|\/testing(\/|$)/.test(path);
  cpSync(join(ROOT, 'src'), join(folder, 'src'), { recursive: true, filter: isNeeded });
  cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const { compilerOptions } = JSON.parse(readFileSync(join(ROOT, 'tsconfig.json'), 'utf8'));
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['src'] }));
  for (const [path, text] of Object.entries(FILES)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  for (const [path, importLine, item, before] of LISTS) {
    const text = readFileSync(join(folder, path), 'utf8');
    expect(text).toContain(before);
    writeFileSync(join(folder, path), `${importLine}\n${text.replace(before, item + before)}`);
  }
  writeFileSync(join(folder, 'commands.ts'), COMMANDS);
  await writeProgram(folder, PROGRAM, { commands: 'commands.ts' });
  writeFileSync(join(folder, 'advisories.json'), JSON.stringify(ADVISORIES));
  const base = await buildLayer({
    'etc/os-release': 'ID=debian\nVERSION_ID=12\n',
    'app/old/made.json': library('8'),
  });
  const own = await buildLayer({
    'app/lib/made.json': library('9'),
    'var/lib/dpkg/status': 'Package: libs\nStatus: install ok installed\nVersion: 3\nArchitecture: amd64\n',
    'var/lib/dpkg/info/libs.list': '/.\n/srv\n/srv/made.json\n',
    'app/.wh.old': '',
    'srv/made.json': library('12'),
  });
  const layers = [
    { tar: base, createdBy: 'ADD rootfs.tar /' },
    { tar: own, createdBy: 'COPY app /app' },
  ];
  writeFileSync(join(folder, 'image.tar'), await buildDockerArchive(layers, 'made:1'));
}, 120_000);

function library(version: string): string {
  return JSON.stringify({ name: 'Left_Pad', version });
}

async function run(...args: readonly string[]): Promise<string> {
  try {
    return (await promisify(execFile)(execPath, args, { cwd: folder, maxBuffer: 16 * 1024 * 1024 })).stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    return stdout === '' ? stderr : stdout;
  }
}

/** Runs `clair` commands one after the other; returns their outputs. */
async function clair(...commands: readonly (readonly string[])[]): Promise<readonly string[]> {
  const output = await run(join(PROGRAM, 'commands.js'), JSON.stringify(commands));
  return JSON.parse(output) as readonly string[];
}

describe('a made-up ecosystem', { timeout: 180_000 }, () => {
  it('compiles', async () => {
    expect(await run(join(ROOT, 'node_modules/typescript/bin/tsc'), '--noEmit', '-p', folder)).toBe('');
  });

  it('is matched, reported with its path and owner, exported and explained', async () => {
    const [db, copy, file] = [DATABASE, join(folder, 'copy.db'), join(folder, 'export.gz')];
    const image = join(folder, 'image.tar');
    const names = ['CVE-2099-0001', 'MADE-2099-1', 'GHSA-made-0001'];
    const [, , , here = '', there = '', ...explained] = await clair(
      ['update', '--feed', 'made', '--from', join(folder, 'advisories.json'), '--db', db],
      ['db', 'export', file, '--db', db],
      ['db', 'import', file, '--db', copy],
      // Reverse queries search the stored layers, and only --verify stores layers of an uncompressed archive.
      ...[db, copy].map((database) => ['scan', image, '--verify', '--format', 'json', '--db', database]),
      ...names.map((name) => ['explain', name, image, '--format', 'json', '--db', db]),
    );
    for (const scan of [here, there]) {
      const { findings, packages, coverage } = JSON.parse(scan);
      expect(findings).toMatchObject([
        {
          id: 'CVE-2099-0001',
          aliases: ['GHSA-made-0001', 'MADE-2099-1', 'MADE-2099-3'],
          links: ['https://github.test/1', 'https://made.test/1'],
          cves: [{ id: 'CVE-2099-0001' }],
          namespace: 'made',
          severity: 'High',
          type: 'made',
          package: 'Left_Pad',
          version: '9',
          purl: 'pkg:made/left-pad@9',
          fixedIn: '12',
          layer: 1,
        },
        { id: 'MADE-2099-2', aliases: [], cves: [], version: '12', fixedIn: null },
        { id: 'MADE-2099-2', version: '9' },
      ]);
      expect(packages).toMatchObject([
        {
          name: 'Left_Pad',
          version: '12',
          paths: ['srv/made.json'],
          owner: { type: 'deb', name: 'libs', version: '3' },
          layer: 1,
        },
        { name: 'Left_Pad', version: '9', paths: ['app/lib/made.json'], owner: null, layer: 1 },
        { name: 'libs', paths: [], owner: null, layer: 1 },
      ]);
      expect(coverage).toContainEqual({ namespace: 'made', packages: 2, feeds: ['made'] });
    }
    expect(explained).toHaveLength(names.length);
    for (const each of explained) {
      const { verdict, packages } = JSON.parse(each);
      expect(verdict).toBe('affected');
      expect(packages).toMatchObject([
        {
          version: '9',
          verdict: 'affected',
          findings: ['CVE-2099-0001'],
          rules: [{ outcome: 'affected' }, { outcome: 'affected' }, { outcome: 'not-yet-introduced' }],
        },
        {
          version: '12',
          verdict: 'not-affected',
          findings: [],
          rules: [{ outcome: 'fixed' }, { outcome: 'fixed' }, { outcome: 'fixed' }],
        },
      ]);
    }
  });

  it('is found in reverse queries by any name of a vulnerability', async () => {
    const names = ['CVE-2099-0001', 'MADE-2099-1', 'GHSA-made-0001', 'MADE-2099-3'];
    const answers = await clair(...names.map((name) => ['affected', name, '--format', 'json', '--db', DATABASE]));
    expect(answers).toHaveLength(names.length);
    for (const each of answers) {
      const { images, layers } = JSON.parse(each);
      expect(layers).toMatchObject([{ packages: [{ version: '8' }] }, { packages: [{ version: '9', fixedIn: '12' }] }]);
      expect(images).toMatchObject([{ packages: [{ name: 'Left_Pad', version: '9', fixedIn: '12', layer: 1 }] }]);
    }
  });

  it('is ignored by any name of a vulnerability, and counts once for a gate', async () => {
    const ignore = join(folder, 'ignore.yaml');
    writeFileSync(ignore, '- { id: MADE-2099-1, reason: never called }\n');
    const scan = ['scan', join(folder, 'image.tar'), '--format', 'json', '--db', DATABASE];
    const answers = await clair([...scan, '--ignore', ignore], scan);
    const [ignored, all] = answers.map((each) => JSON.parse(each));
    expect(ignored.suppressed).toMatchObject([{ id: 'CVE-2099-0001' }]);
    expect(ignored.counts).toMatchObject({ findings: 2 });
    expect(all.counts).toMatchObject({ findings: 3, cves: 2, severities: { High: { findings: 1 } } });
  });
});
