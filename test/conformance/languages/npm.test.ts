/**
 * Installs real packages with npm and pnpm from the npm registry, and compares the detected packages with the lists
 * that the installers wrote: `node_modules/.package-lock.json` of npm, and `node_modules/.pnpm/lock.yaml` of pnpm.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { env } from 'node:process';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { inChunks } from '../../../src/bytes/testing/tar-builder.ts';
import type { LibraryFlag } from '../../../src/model/feature.ts';
import {
  npmHiddenLockfile,
  npmPackages,
  yarnPlugAndPlay,
} from '../../../src/worker/detectors/libraries/npm/detector.ts';
import type { LayerContents } from '../../../src/worker/layer/layer-contents.ts';
import { readLayer } from '../../../src/worker/layer/layer-reader.ts';
import { initialState, nextState } from '../../../src/worker/layer/layer-state.ts';
import { buildLayer, type LayerMembers, type Member } from '../../../src/worker/testing/image-builder.ts';
import { output, works } from '../program.ts';

const DETECTORS = [npmPackages, npmHiddenLockfile, yarnPlugAndPlay];

const HAS_NPM = works('npm', ['--version']);
const IS_REACHABLE =
  HAS_NPM && works('npm', ['view', 'semver@7.6.2', 'version', '--fetch-retries=0', '--fetch-timeout=15000']);
const IS_SKIPPED = !IS_REACHABLE && env['CI'] !== 'true';
if (!IS_REACHABLE) {
  const missing = HAS_NPM ? 'the npm registry is not reachable (`npm view semver`)' : 'missing the program npm';
  console.warn(`npm packages: ${IS_SKIPPED ? 'SKIPPED' : 'FAILS'}, ${missing}`);
}

/** An alias, scopes, entry points, nested versions, test data with packages, bundled packages, and a workspace. */
const PROJECT = {
  name: 'app',
  version: '1.0.0',
  private: true,
  workspaces: ['packages/*'],
  dependencies: {
    'alias-of-semver': 'npm:semver@5.7.1',
    semver: '7.6.2',
    '@babel/code-frame': '7.24.2',
    preact: '10.22.0',
    resolve: '1.22.8',
    sqlite3: '3.1.13',
    'vscode-languageclient': '9.0.1',
  },
  devDependencies: { mocha: '10.4.0' },
};
const WORKSPACE = { name: 'web', version: '3.0.0', dependencies: { debug: '3.2.7' } };

const PNPM = 'pnpm@9.15.9';

/** Takes 15 seconds on a quiet machine. */
const INSTALL_LIMIT_MS = 180_000;

const folder = mkdtempSync(join(tmpdir(), 'clair-npm-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(IS_SKIPPED)('the packages of a real project', () => {
  it(
    'are the packages that npm and pnpm installed, with the flags of npm',
    async () => {
      expect(IS_REACHABLE, 'the npm registry answers').toBe(true);
      const [npm, pnpm] = [newProject('npm'), newProject('pnpm')];
      const options = ['--ignore-scripts', '--prefer-offline'];
      const store = join(folder, 'store');
      await Promise.all([
        output('npm', ['install', ...options, '--prefix', npm, '--no-audit', '--no-fund', '--loglevel=error']),
        output('npm', [
          'exec',
          '--yes',
          '--',
          PNPM,
          'install',
          ...options,
          '--dir',
          pnpm,
          '--store-dir',
          store,
          '--silent',
        ]),
      ]);

      const [ofNpm, ofPnpm] = await Promise.all([installedIn(npm), installedIn(pnpm)]);
      const listed = listOfNpm(npm);
      expect(ofNpm).toEqual(listed);
      expect(ofNpm).toContain('semver 5.7.1 at node_modules/alias-of-semver/package.json');
      expect(ofNpm.filter((each) => each.startsWith('debug ')).length, 'nested versions').toBeGreaterThan(1);
      expect(ofNpm.filter((each) => each.endsWith(' dev')).length).toBeGreaterThan(10);
      expect(ofNpm.filter((each) => each.endsWith(' bundled')).length).toBeGreaterThan(50);

      const isBundled = (each: string): boolean => each.includes('/node_modules/sqlite3/node_modules/');
      const names = (all: readonly string[]): readonly string[] =>
        all.map((each) => each.replace(/ at .*/, '')).toSorted();
      expect(names(ofPnpm.filter((each) => !isBundled(each)))).toEqual(listOfPnpm(pnpm));
      expect(names(ofPnpm.filter(isBundled))).toEqual(names(listed.filter((each) => each.endsWith(' bundled'))));
      expect(
        ofPnpm.filter((each) => !each.includes(' at node_modules/.pnpm/')),
        'packages outside of the store',
      ).toEqual([]);
    },
    INSTALL_LIMIT_MS,
  );
});

function newProject(name: string): string {
  const project = join(folder, name);
  mkdirSync(join(project, 'packages/web'), { recursive: true });
  writeFileSync(join(project, 'package.json'), JSON.stringify(PROJECT));
  writeFileSync(join(project, 'packages/web/package.json'), JSON.stringify(WORKSPACE));
  writeFileSync(join(project, 'pnpm-workspace.yaml'), 'packages: ["packages/*"]\n');
  return project;
}

/** Returns `name version at path flags` of each package in a layer with the files of the project, sorted. */
async function installedIn(project: string): Promise<readonly string[]> {
  const tar = await buildLayer(membersOf(project));
  const { contents } = await readLayer({ where: 'layer', open: async () => inChunks(tar) }, DETECTORS);
  const { features, diagnostics } = nextState(initialState(), contents, DETECTORS).conclusion;
  expect(diagnostics.map(({ code }) => code)).toEqual(['distribution-absent']);
  const flags = marksIn(contents);
  const installed = [...features.values()].map(({ feature: { name, version }, path }) =>
    [name, version, 'at', path, ...(flags.get(path) ?? [])].join(' '),
  );
  return installed.toSorted();
}

function marksIn({ entries }: LayerContents): ReadonlyMap<string, readonly LibraryFlag[]> {
  const facts = entries.flatMap((entry) => ('byDetector' in entry ? Object.values(entry.byDetector ?? {}) : []));
  return new Map(facts.flatMap(({ marks = [] }) => marks.map(({ path, flags = [] }) => [path, flags] as const)));
}

function membersOf(project: string): LayerMembers {
  const members: Record<string, Member> = {};
  const add = (directory: string): void => {
    for (const entry of readdirSync(join(project, directory), { withFileTypes: true })) {
      const name = join(directory, entry.name);
      const path = join(project, name);
      if (entry.isSymbolicLink()) members[name] = { link: readlinkSync(path) };
      else if (entry.isDirectory()) add(name);
      else members[name] = readFileSync(path);
    }
  };
  add('');
  return members;
}

type ListedPackage = { name?: string; version: string; dev?: true; inBundle?: true; link?: true };

/**
 * Returns the packages that npm lists, in the form of `installedIn()`; the packages of the project are not in
 * `node_modules`.
 */
function listOfNpm(project: string): readonly string[] {
  const file = join(project, 'node_modules/.package-lock.json');
  const { packages }: { packages: Record<string, ListedPackage> } = JSON.parse(readFileSync(file, 'utf8'));
  const listed = Object.entries(packages).flatMap(([key, { name, version, dev, inBundle, link }]) => {
    const at = key.lastIndexOf('node_modules/');
    if (link || at === -1) return [];
    const flags = [...(dev ? ['dev'] : []), ...(inBundle ? ['bundled'] : [])];
    return [[name ?? key.slice(at + 'node_modules/'.length), version, 'at', `${key}/package.json`, ...flags].join(' ')];
  });
  return listed.toSorted();
}

/**
 * Returns `name version` of each package that pnpm lists, except packages for other systems; names repeat for each set
 * of peers.
 */
function listOfPnpm(project: string): readonly string[] {
  const store = join(project, 'node_modules/.pnpm');
  const { snapshots }: { snapshots: Record<string, object> } = parse(readFileSync(join(store, 'lock.yaml'), 'utf8'));
  const { skipped }: { skipped: string[] } = parse(readFileSync(join(dirname(store), '.modules.yaml'), 'utf8'));
  const listed = Object.keys(snapshots).filter((key) => !skipped.includes(key));
  return listed.map((key) => key.replace(/\(.*/, '').replace(/(?!^)@/, ' ')).toSorted();
}
