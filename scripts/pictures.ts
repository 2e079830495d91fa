/**
 * Creates the pictures of the README: the web UI with an image, in Chromium, and a scan of the same image in a
 * terminal. Clair itself renders the web UI and the scan, from an image and feeds that this script generates.
 */
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { COLOR_SCHEMES, takePage } from './pictures/page-picture.ts';
import { type Program, runProgram, startProgram } from './pictures/program.ts';
import { type ShownFiles, writeShownFiles } from './pictures/shown-image.ts';
import { terminalPicture } from './pictures/terminal-picture.ts';
import { inSequence, recordCommand, type Recording } from './pictures/terminal-recording.ts';

const PICTURES = fileURLToPath(new URL('../docs/pictures/', import.meta.url));
const PROGRAM = [execPath, fileURLToPath(new URL('../dist/main.js', import.meta.url))];

/** The size limit of a picture, because every reader of the README downloads the pictures. */
const MAX_BYTES = 200_000;

const COLUMNS = 124;

/** The time for reading the output of a command before the next command. */
const SCENE_MS = 5000;

/** The number of parts of the feed response. */
const SLOW_PARTS = 4;

/** The delay of each part of the feed response. */
const PART_MS = 300;

/** A fixed path, because it is visible in the pictures. */
const folder = join(tmpdir(), 'clair-pictures');
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);
try {
  mkdirSync(PICTURES, { recursive: true });
  const files = await writeShownFiles(folder);
  const feed = await serveSlowly(join(folder, files.feeds.get('debian') ?? ''));
  try {
    const program = { words: PROGRAM, cwd: folder, variables: configure(files, feed) };
    for (const [source, path] of files.feeds) {
      if (source !== 'debian') runProgram(program, ['update', '--feed', source, '--from', path]);
    }
    // With --verify, a scan stores the image. No Debian data is imported yet, so the scan is incomplete (status 3).
    for (const base of files.bases) runProgram(program, ['scan', base, '--verify'], 3);
    await takeCast(program, files);
    await takeImagePage(program, files);
  } finally {
    feed.close();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Records a scan, an explanation, a comparison and a scan with a gate. The picture ends with the whole report. */
async function takeCast({ words, cwd, variables }: Program, { bases, image, ignoreFile }: ShownFiles): Promise<void> {
  const [base = ''] = bases.slice(-1);
  const gate = ['scan', image, '--ignore', ignoreFile, '--fail-on', 'high', '--fail-on-fixed'];
  const commands = [
    { args: ['scan', image, '--update', '--severity', 'critical,high', '--only-fixed'], status: 0 },
    { args: ['explain', 'CVE-2099-1010', image], status: 0 },
    { args: ['diff', base, image], status: 0 },
    { args: gate, status: 4 },
  ];
  // Node warns about contradictory colour variables.
  const terminal = { TERM: 'xterm', NO_COLOR: '', FORCE_COLOR: '', NODE_NO_WARNINGS: '1' };
  const options = { columns: COLUMNS, cwd, program: words, variables: { ...variables, ...terminal } };
  const scenes: Recording[] = [];
  for (const command of commands) scenes.push(await recordCommand({ ...command, ...options }));
  const svg = await terminalPicture(inSequence(scenes, SCENE_MS), {
    columns: COLUMNS,
    title: 'clair in a terminal',
    description:
      'Four commands: the urgent findings of an image, why one of them is a finding, the differences from the base image, and a gate. The last screen stays: the report of an image: diagnostics, the findings of each layer from the base image upwards, available upgrades, suppressed findings, and counts by severity.',
  });
  writeFileSync(join(PICTURES, 'scan.svg'), svg);
  told('scan.svg');
}

async function takeImagePage(program: Program, { image, ignoreFile }: ShownFiles): Promise<void> {
  const report = runProgram(program, ['scan', image, '--verify', '--ignore', ignoreFile, '--format', 'json']);
  const { target } = JSON.parse(report) as { target: { digest: string } };
  const server = await startProgram(program, ['serve', '--no-updates', '--port', '0', '--no-health-port']);
  try {
    const address = `${server.url}/#/images/${encodeURIComponent(target.digest)}?tab=layers`;
    const path = (scheme: string): string => join(PICTURES, `page-${scheme}.png`);
    await takePage(address, { words: 'From the base image', maxBytes: MAX_BYTES }, path);
    for (const scheme of COLOR_SCHEMES) told(`page-${scheme}.png`);
  } finally {
    await server.stop();
  }
}

function told(name: string): void {
  const { size } = statSync(join(PICTURES, name));
  if (size > MAX_BYTES) throw new Error(`${name} is ${size} bytes; the limit is ${MAX_BYTES}`);
  process.stdout.write(`docs/pictures/${name}: ${Math.ceil(size / 1000)} kB\n`);
}

/**
 * Writes a configuration that uses the server of this script as Debian's tracker, and returns Clair's environment
 * variables.
 */
function configure({ ignoreFile }: ShownFiles, feed: Server): Record<string, string> {
  const { port } = feed.address() as AddressInfo;
  const file = join(folder, 'clair.yaml');
  const addresses = `  addresses:\n    debian: http://127.0.0.1:${port}/tracker.json\n`;
  writeFileSync(file, `updater:\n${addresses}suppression:\n  files: [${join(folder, ignoreFile)}]\n`);
  return { CLAIR_CONFIG: file, CLAIR_DB: join(folder, 'clair.db'), no_proxy: '127.0.0.1' };
}

async function serveSlowly(path: string): Promise<Server> {
  const content = readFileSync(path);
  const server = createServer((_, response) => {
    void (async () => {
      const size = Math.ceil(content.length / SLOW_PARTS);
      for (let at = 0; at < content.length; at += size) {
        response.write(content.subarray(at, at + size));
        await pause(PART_MS);
      }
      response.end();
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
