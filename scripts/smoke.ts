/**
 * The short proof that Clair runs on other releases of Node than this one: `npm run smoke [-- RELEASE...]`. By default on
 * the oldest one that package.json allows and on the current ones, which npm packages bring with their headers. On each
 * of them: the embedded database's add-on is installed, Clair is built, the demonstration run, and the tests of all that
 * depends on Node most. Prints a line for each release, and what failed; the exit status is 1 if something did.
 */
import { execFileSync, spawn, type SpawnOptionsWithoutStdio } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { arch, env, platform, versions } from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import pLimit from 'p-limit';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Add-ons, threads, streams, HTTP, and the one executable of that Node. */
const TESTS = [
  'src/bytes/compression.test.ts',
  'src/bytes/http-client.test.ts',
  'src/database/sqlite.test.ts',
  'src/updater/threads',
  'src/worker/detectors/packages/rpm',
  'src/worker/threads',
  'test/e2e/one-file.test.ts',
];

/** What runs the tests needs this release; Clair itself does not. */
const OLDEST_OF_VITEST = '20.19.0';

const { positionals } = parseArgs({ allowPositionals: true });
const releases = positionals.length > 0 ? positionals : [oldestRelease(), ...currentReleases()];
// Most of the time goes into compiling, which takes one processor.
const limit = pLimit(availableParallelism());
const good = await Promise.all(releases.map((release) => limit(() => runsOn(release))));
if (good.includes(false)) process.exitCode = 1;

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

async function runsOn(release: string): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'clair-smoke-'));
  const clair = join(folder, 'clair');
  try {
    const home = await nodeOf(release, folder);
    const node = join(home, 'bin', 'node');
    const variables = { ...env, PATH: `${join(home, 'bin')}${delimiter}${env['PATH']}` };
    const run = async (...args: readonly string[]): Promise<string> =>
      await outputOf(node, args, { cwd: clair, env: variables });

    copyRepository(clair);
    const abi = (await run('-p', 'process.versions.modules')).trim();
    // The other add-ons speak Node-API, which is the same in all releases: those that are there must do.
    if (abi !== versions.modules) await buildDatabase(clair, { release, folder, abi, variables });
    await run(bin('tsx', 'dist/cli.mjs'), 'scripts/build.ts');
    await run(bin('tsx', 'dist/cli.mjs'), 'scripts/demo.ts');
    const isTested = compare(release, OLDEST_OF_VITEST) >= 0;
    if (isTested) await run(bin('vitest', 'vitest.mjs'), 'run', '--reporter=dot', ...TESTS);
    print(
      `Node ${release}: the demonstration ${isTested ? 'and the tests' : '(no tests: vitest is for later ones)'}: good`,
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
  const elsewhere = new Set(['.git', 'node_modules', 'dist', 'dist-package', 'coverage', 'screenshots']);
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

/**
 * Compiles the add-on of the embedded database with the headers of the first release of a line of Node, as its own project
 * makes the add-ons that npm fetches: with those of 24.19 and later it aborts. It takes a minute or more, so what came of it
 * is kept beside the libraries.
 */
async function buildDatabase(clair: string, { release, folder, abi, variables }: Build): Promise<void> {
  const database = join(clair, 'node_modules', 'better-sqlite3');
  const { version }: { version: string } = JSON.parse(readFileSync(join(database, 'package.json'), 'utf8'));
  const kept = join(ROOT, 'node_modules', '.cache', 'clair-smoke', `better-sqlite3-${version}-abi-${abi}.node`);
  const addOn = join(database, 'build', 'Release', 'better_sqlite3.node');
  if (existsSync(kept)) {
    cpSync(kept, addOn);
    return;
  }
  const first = `${Number.parseInt(release, 10)}.0.0`;
  const headers = await nodeOf(first, join(folder, 'headers'));
  await npm(['rebuild', 'better-sqlite3'], { ...variables, npm_config_nodedir: headers }, clair);
  mkdirSync(dirname(kept), { recursive: true });
  cpSync(addOn, kept);
}

type Build = {
  readonly release: string;
  /** Where to put what it needs. */
  readonly folder: string;
  readonly abi: string;
  readonly variables: NodeJS.ProcessEnv;
};

/** Installs a release of Node, with its headers, below a folder; gives where it is. */
async function nodeOf(release: string, folder: string): Promise<string> {
  await npm(['install', '--prefix', folder, '--ignore-scripts', packageOf(release)], env);
  return join(folder, 'node_modules', packageOf(''));
}

/** The npm package of a release for this platform, which the package `node` installs: its executable and headers. */
function packageOf(release: string): string {
  const system = platform === 'win32' ? 'win' : platform;
  return release === '' ? `node-${system}-${arch}` : `node-${system}-${arch}@${release}`;
}

async function npm(args: readonly string[], variables: NodeJS.ProcessEnv, cwd: string = ROOT): Promise<void> {
  await outputOf('npm', args, { cwd, env: variables });
}

/** Runs a program to its end; gives what it wrote. @throws Error with all of that when it fails. */
async function outputOf(command: string, args: readonly string[], options: SpawnOptionsWithoutStdio): Promise<string> {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  const [status, signal] = await once(child, 'close');
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status ?? signal}:\n${said}`);
  return said;
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
