/**
 * The short proof that Clair runs on other releases of Node than this one: `npm run smoke [-- RELEASE...]`. By default on
 * the oldest one that package.json allows and on the current ones, which npm packages bring with their headers. On each
 * of them: the embedded database's add-on is installed, Clair is built, the demonstration run, and the tests of all that
 * depends on Node most. Prints a line for each release; the exit status is 1 if one failed.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { arch, env, platform, versions } from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Add-ons, threads, streams, HTTP, TLS, both databases, the command line, and the one executable of that Node. */
const TESTS = [
  'src/bytes/compression.test.ts',
  'src/bytes/http-client.test.ts',
  'src/database/sqlite.test.ts',
  'src/updater/threads',
  'src/worker/detectors/packages/rpm',
  'src/worker/threads',
  'test/e2e/api.test.ts',
  'test/e2e/command-line.test.ts',
  'test/e2e/doors.test.ts',
  'test/e2e/one-file.test.ts',
  'test/e2e/postgres.test.ts',
];

/** What runs the tests needs this release; Clair itself does not. */
const OLDEST_OF_VITEST = '20.19.0';

const { positionals } = parseArgs({ allowPositionals: true });
const releases = positionals.length > 0 ? positionals : [oldestRelease(), ...currentReleases()];
const failed = releases.filter((release) => !runsOn(release));
if (failed.length > 0) process.exitCode = 1;

/** Of the range `>=MAJOR.MINOR` of package.json. */
function oldestRelease(): string {
  const { engines }: { engines: { node: string } } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const [, oldest] = /^>=(\d+\.\d+)$/.exec(engines.node) ?? [];
  if (oldest === undefined) throw new Error(`package.json: engines.node is ${engines.node}, not >=MAJOR.MINOR`);
  return `${oldest}.0`;
}

/** The last one of each line that is maintained for long, which are the even ones, and of the newest line. */
function currentReleases(): readonly string[] {
  const published: readonly string[] = JSON.parse(
    execFileSync('npm', ['view', packageOf(''), 'versions', '--json'], { encoding: 'utf8' }),
  );
  const stable = published.filter((version) => /^\d+\.\d+\.\d+$/.test(version)).toSorted(compare);
  const lines = new Map(stable.map((version) => [Number.parseInt(version, 10), version]));
  const newest = Math.max(...lines.keys());
  // A line is maintained for three years, and there were two a year.
  const isCurrent = (line: number): boolean => line === newest || (line % 2 === 0 && line > newest - 6 && line > 20);
  return [...lines].flatMap(([line, version]) => (isCurrent(line) ? [version] : []));
}

function runsOn(release: string): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'clair-smoke-'));
  const clair = join(folder, 'clair');
  try {
    print(`\n== Node ${release}`);
    npm(['install', '--prefix', folder, '--ignore-scripts', packageOf(release)], env);
    const home = join(folder, 'node_modules', packageOf(''));
    const node = join(home, 'bin', 'node');
    const variables = { ...env, PATH: `${join(home, 'bin')}${delimiter}${env['PATH']}`, npm_config_nodedir: home };
    const run = (...args: readonly string[]): void =>
      void execFileSync(node, args, { cwd: clair, env: variables, stdio: ['ignore', 'inherit', 'inherit'] });

    copyRepository(clair);
    const abi = execFileSync(node, ['-p', 'process.versions.modules'], { encoding: 'utf8' }).trim();
    // The other add-ons speak Node-API, which is the same in all releases: those that are there must do.
    if (abi !== versions.modules) buildDatabase(clair, abi, variables);
    run('scripts/build.mjs');
    run(bin('tsx', 'dist/cli.mjs'), 'scripts/demo.ts');
    const tests = compare(release, OLDEST_OF_VITEST) < 0 ? [] : TESTS;
    if (tests.length > 0) run(bin('vitest', 'vitest.mjs'), 'run', '--reporter=dot', ...tests);
    print(
      `Node ${release}: the demonstration ${tests.length > 0 ? 'and the tests' : '(no tests: vitest is for later ones)'}: good`,
    );
    return true;
  } catch (error) {
    print(`Node ${release}: FAILED: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The repository as it is, with the same libraries, but with an embedded database of its own to build. */
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

/** Compiling takes a minute or more, so what came of it is kept beside the libraries, by its version and Node's ABI. */
function buildDatabase(clair: string, abi: string, variables: NodeJS.ProcessEnv): void {
  const folder = join(clair, 'node_modules', 'better-sqlite3');
  const { version }: { version: string } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const kept = join(ROOT, 'node_modules', '.cache', 'clair-smoke', `better-sqlite3-${version}-abi-${abi}.node`);
  const addOn = join(folder, 'build', 'Release', 'better_sqlite3.node');
  if (existsSync(kept)) {
    cpSync(kept, addOn);
    return;
  }
  npm(['rebuild', 'better-sqlite3'], variables, clair);
  mkdirSync(dirname(kept), { recursive: true });
  cpSync(addOn, kept);
}

/** The npm package of a release for this platform, which the package `node` installs: its executable and headers. */
function packageOf(release: string): string {
  const system = platform === 'win32' ? 'win' : platform;
  return release === '' ? `node-${system}-${arch}` : `node-${system}-${arch}@${release}`;
}

function npm(args: readonly string[], variables: NodeJS.ProcessEnv, cwd: string = ROOT): void {
  execFileSync('npm', args, { cwd, env: variables, stdio: ['ignore', 'ignore', 'inherit'] });
}

function bin(name: string, file: string): string {
  return join('node_modules', name, file);
}

function compare(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  const at = [0, 1, 2].find((index) => left?.[index] !== right?.[index]);
  return at === undefined ? 0 : (left?.[at] ?? 0) - (right?.[at] ?? 0);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
