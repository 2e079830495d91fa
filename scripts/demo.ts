/**
 * Runs the demo of the README, which analyses a small image of several layers with a real server on the embedded
 * database, and then with the command line. With `--program FILE`, the demo runs the executable FILE in an empty
 * folder, without Node in the PATH and without a home directory. In a terminal, or with `--keep` or `--open`, the
 * server serves the web UI with the image until the user stops the server. `--open` also opens the browser.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { env, execPath, platform, stdin, stdout } from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildDemoLayers, DEMO_FEED } from '../test/fixtures/demo-image.ts';
import { buildDockerArchive } from '../src/worker/testing/image-builder.ts';

const { values } = parseArgs({
  options: { program: { type: 'string' }, keep: { type: 'boolean' }, open: { type: 'boolean' } },
});
const isWatched = stdin.isTTY && stdout.isTTY && (env['CI'] ?? '') === '';
const isKept = values.keep ?? values.open ?? isWatched;

type Listed = { readonly ID: string; readonly Priority: string; readonly CausedByPackage: string };

const folder = mkdtempSync(join(tmpdir(), 'clair-demo-'));
const alone = join(folder, 'alone');
mkdirSync(alone);
const [command, first, surroundings] =
  values.program === undefined
    ? [execPath, [fileURLToPath(new URL('../dist/main.js', import.meta.url))], {}]
    : [resolve(values.program), [], { cwd: alone, env: { PATH: alone, TMPDIR: alone, XDG_CACHE_HOME: alone } }];
const database = ['--db', join(folder, 'clair.db')];
try {
  const layers = await buildDemoLayers();
  const archive = join(folder, 'image.tar');
  writeFileSync(archive, await buildDockerArchive(layers, 'clair-demo:latest'));
  for (const [index, { tar }] of layers.entries()) writeFileSync(join(folder, `layer-${index}.tar`), tar);

  run('Import the vulnerabilities', ['update', '--feed', 'debian', '--from', DEMO_FEED, ...database]);

  title('Start the server and post the layers of an image, base layer first');
  const server = serve();
  try {
    const url = await addressOf(server);
    for (const [index, { createdBy }] of layers.entries()) {
      const parent = index === 0 ? {} : { ParentID: `demo-${index - 1}` };
      const layer = { ID: `demo-${index}`, Path: join(folder, `layer-${index}.tar`), ImageFormat: 'Docker', ...parent };
      await request(`${url}/v1/layers`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(layer),
      });
      await printDifference(url, index, createdBy);
    }
  } finally {
    server.kill('SIGTERM');
  }

  run('Scan the same image from the command line', ['scan', archive, ...database]);
  if (isKept) await showPage();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function serve(): ChildProcess {
  const options = ['--port', '0', '--no-health-port', '--allow-path', folder, '--no-updates', '--log-level', 'warn'];
  return spawn(command, [...first, 'serve', ...options, ...database], {
    ...surroundings,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/**
 * Serves the web UI until the user stops the server. On Ctrl-C, the terminal sends the signal to the server as well.
 */
async function showPage(): Promise<void> {
  title('Open the image in the web UI (Ctrl-C stops the server)');
  const server = serve();
  const exited = once(server, 'exit');
  // The signal can arrive twice, because both the terminal and the program that runs this script can send it.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => server.kill('SIGTERM'));
  const url = await addressOf(server);
  if (values.open === true) {
    const opener = spawn(platform === 'darwin' ? 'open' : 'xdg-open', [url], { stdio: 'ignore' });
    opener.once('error', ({ message }) => print(`  no browser opened: ${message}`));
  }
  await exited;
}

async function printDifference(url: string, index: number, createdBy: string): Promise<void> {
  const layer = `${url}/v1/layers/demo-${index}`;
  const packages = await request<{ InstalledPackages: object[]; RemovedPackages: object[] }>(`${layer}/packages/diff`);
  const difference = await request<{ Adds: Listed[]; Removes: Listed[] }>(
    `${layer}/vulnerabilities/diff?minimumPriority=Unknown`,
  );
  const [plus, minus] = [packages.InstalledPackages.length, packages.RemovedPackages.length];
  print(`\n  layer ${index}  ${createdBy}  (+${plus} -${minus} packages)`);
  for (const each of difference.Adds) print(`    introduces ${each.ID} ${each.Priority} in ${each.CausedByPackage}`);
  for (const each of difference.Removes)
    print(`    fixes      ${each.ID} ${each.Priority}, in ${each.CausedByPackage}`);
  if (difference.Adds.length + difference.Removes.length === 0) print('    changes nothing');
}

async function request<Body>(url: string, options: RequestInit = {}): Promise<Body> {
  const response = await fetch(url, { ...options, headers: { 'content-type': 'application/json' } });
  const body = await response.text();
  if (!response.ok) throw new Error(`${url} returned ${response.status}: ${body}`);
  return JSON.parse(body) as Body;
}

async function addressOf(server: ChildProcess): Promise<string> {
  let text = '';
  for await (const chunk of server.stdout ?? []) {
    text += String(chunk);
    const [, address] = /listens on (\S+)\n/.exec(text) ?? [];
    if (address !== undefined) {
      print(`  ${text.trim()}`);
      return address;
    }
  }
  throw new Error(`the server stopped before it was ready: ${text}`);
}

function run(heading: string, args: readonly string[]): void {
  title(heading);
  const { status, error } = spawnSync(command, [...first, ...args], { ...surroundings, stdio: 'inherit' });
  if (status !== 0) throw new Error(`clair ${args[0]} exited with status ${status} ${error ?? ''}`);
}

function title(heading: string): void {
  print(`\n== ${heading}`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
