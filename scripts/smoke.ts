/**
 * Tests that Clair runs on every Node line that package.json allows: `npm run smoke [-- RELEASE... | --ends]`. By
 * default, the script tests the oldest release of the oldest line and the newest release of each other line, from the
 * npm registry. With --ends, the script tests only the oldest and the newest of these releases. For each release, the
 * script compiles the add-on of the embedded database, and runs the tests of the parts that depend on Node most. One of
 * these tests builds the npm package, installs it and runs Clair. With --ends, a release of the Node line that runs the
 * script gets only this test, because CI runs all tests on that line. Prints one line per release and the output of
 * failures, and exits with status 1 on a failure.
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { versions } from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import pLimit from 'p-limit';
import { commandOutput } from './node-release/command-output.ts';
import { ADD_ON, databaseAddOn } from './node-release/database-add-on.ts';
import { environmentOf, installNode, publishedReleases } from './node-release/node-package.ts';
import { smokeReleases } from './node-release/supported-releases.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Builds the npm package, installs it and runs Clair. */
const PACKAGE_TEST = 'test/e2e/npm-package.test.ts';

const TESTS = [
  'src/bytes/compression.test.ts',
  'src/bytes/http',
  'src/database/engines/sqlite/engine.test.ts',
  'src/updater/threads',
  'src/worker/threads',
  PACKAGE_TEST,
  'test/faults/abrupt-peers.test.ts',
];

/** Excludes the tests of the database engines, which depend on PostgreSQL more than on Node. */
const PROJECTS = ['--project', 'unit', '--project', 'system'];

/** None of these tests uses PostgreSQL, so this setting prevents the start of a PostgreSQL server. */
const WITHOUT_POSTGRES = { CLAIR_TEST_POSTGRES: 'none' };

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { ends: { type: 'boolean', default: false } },
});
const { engines }: { engines: { node: string } } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const all = positionals.length > 0 ? positionals : smokeReleases(engines.node, publishedReleases());
const releases = values.ends ? [...new Set([...all.slice(0, 1), ...all.slice(-1)])] : all;
// Compiling takes most of the time and uses one processor.
const limit = pLimit(availableParallelism());
const good = await Promise.all(releases.map((release) => limit(() => runsOn(release))));
if (good.includes(false)) process.exitCode = 1;

async function runsOn(release: string): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'clair-smoke-'));
  const clair = join(folder, 'clair');
  try {
    const home = await installNode(release, folder);
    const run = async (...args: readonly string[]): Promise<string> =>
      await commandOutput(join(home, 'bin', 'node'), args, {
        cwd: clair,
        env: { ...environmentOf(home), ...WITHOUT_POSTGRES },
      });

    copyRepository(clair);
    cpSync(await databaseAddOn(ROOT, release, home, 'none'), join(clair, 'node_modules', 'better-sqlite3', ADD_ON));
    const isOwnLine = Number.parseInt(release, 10) === Number.parseInt(versions.node, 10);
    const tests = values.ends && isOwnLine ? [PACKAGE_TEST] : TESTS;
    await run(bin('vitest', 'vitest.mjs'), 'run', '--reporter=dot', ...PROJECTS, ...tests);
    print(`Node ${release}: tests passed`);
    return true;
  } catch (error) {
    print(`Node ${release}: FAILED: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Copies the repository with links to its libraries, but with its own build of the embedded database. */
function copyRepository(folder: string): void {
  const elsewhere = new Set(['.git', 'node_modules', 'dist', 'dist-package', 'coverage']);
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, '.bin'), { recursive: true });
  for (const name of readdirSync(ROOT)) {
    if (!elsewhere.has(name)) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  }
  const libraries = readdirSync(join(ROOT, 'node_modules')).filter((name) => !/^\.|^better-sqlite3$/.test(name));
  const programs = readdirSync(join(ROOT, 'node_modules', '.bin')).map((name) => join('.bin', name));
  for (const name of [...libraries, ...programs]) symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  const database = 'better-sqlite3';
  cpSync(join(ROOT, 'node_modules', database), join(modules, database), { recursive: true });
}

function bin(name: string, file: string): string {
  return join('node_modules', name, file);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
