/**
 * The demonstration of the README: a small image of several layers through a real server on the embedded database, and
 * then through the command line. With `--program FILE` it is run by that executable, in a folder that is empty, with an
 * environment in which there is nothing else: no Node on the path, no home.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildDemoLayers, DEMO_FEED } from '../test/fixtures/demo-image.ts';
import { buildDockerArchive } from '../test/fixtures/image-builder.ts';

const { values } = parseArgs({ options: { program: { type: 'string' } } });

type Listed = { readonly ID: string; readonly Priority: string; readonly CausedByPackage: string };

const folder = mkdtempSync(join(tmpdir(), 'clair-demo-'));
const alone = join(folder, 'alone');
mkdirSync(alone);
const [command, first, surroundings] =
  values.program === undefined
    ? [execPath, [fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))], {}]
    : [resolve(values.program), [], { cwd: alone, env: { PATH: alone, TMPDIR: alone, XDG_CACHE_HOME: alone } }];
const database = ['--db', join(folder, 'clair.db')];
try {
  const layers = await buildDemoLayers();
  const archive = join(folder, 'image.tar');
  writeFileSync(archive, await buildDockerArchive(layers, 'clair-demo:latest'));
  for (const [index, { tar }] of layers.entries()) writeFileSync(join(folder, `layer-${index}.tar`), tar);

  run('Import the vulnerabilities', ['update', '--source', 'debian', '--from', DEMO_FEED, ...database]);

  title('Serve the API, and post the layers of an image, from its base upwards');
  const server = spawn(
    command,
    [
      ...first,
      'serve',
      '--port',
      '0',
      '--no-health-port',
      '--allow-path',
      folder,
      '--no-updates',
      '--log-level',
      'warn',
      ...database,
    ],
    {
      ...surroundings,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  try {
    const url = await addressOf(server);
    for (const [index, { createdBy }] of layers.entries()) {
      const parent = index === 0 ? {} : { ParentID: `demo-${index - 1}` };
      const layer = { ID: `demo-${index}`, Path: join(folder, `layer-${index}.tar`), ImageFormat: 'Docker', ...parent };
      await request(`${url}/v1/layers`, { method: 'POST', body: JSON.stringify(layer) });
      await printDifference(url, index, createdBy);
    }
  } finally {
    server.kill('SIGTERM');
  }

  run('Scan the same image from the command line', ['scan', archive, ...database]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function printDifference(url: string, index: number, createdBy: string): Promise<void> {
  const layer = `${url}/v1/layers/demo-${index}`;
  const packages = await request<{ InstalledPackages: object[]; RemovedPackages: object[] }>(`${layer}/packages/diff`);
  const difference = await request<{ Adds: Listed[]; Removes: Listed[] }>(
    `${layer}/vulnerabilities/diff?minimumPriority=Unknown`,
  );
  const [plus, minus] = [packages.InstalledPackages.length, packages.RemovedPackages.length];
  print(`\n  layer ${index}  ${createdBy}  (+${plus} -${minus} packages)`);
  for (const each of difference.Adds) print(`    introduces ${each.ID} ${each.Priority}, by ${each.CausedByPackage}`);
  for (const each of difference.Removes)
    print(`    fixes      ${each.ID} ${each.Priority}, in ${each.CausedByPackage}`);
  if (difference.Adds.length + difference.Removes.length === 0) print('    changes nothing');
}

async function request<Body>(url: string, options: RequestInit = {}): Promise<Body> {
  const response = await fetch(url, { ...options, headers: { 'content-type': 'application/json' } });
  const body = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${body}`);
  return JSON.parse(body) as Body;
}

/** Waits for the line in which the server says where it listens. */
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
  throw new Error(`the server stopped before it listened: ${text}`);
}

function run(heading: string, args: readonly string[]): void {
  title(heading);
  const { status, error } = spawnSync(command, [...first, ...args], { ...surroundings, stdio: 'inherit' });
  if (status !== 0) throw new Error(`clair ${args[0]} ended with status ${status} ${error ?? ''}`);
}

function title(heading: string): void {
  print(`\n== ${heading}`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
