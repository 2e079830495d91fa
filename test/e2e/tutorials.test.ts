import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeTutorialFiles } from '../../scripts/pictures/tutorial-folder.ts';
import { serveClair } from '../fixtures/clair-process.ts';
import { CLAIR_WORDS } from '../fixtures/clair-program.ts';
import { freePorts } from '../../src/database/testing/free-port.ts';

/** The folder, addresses and receiver of the tutorials; the tests replace them with unused values. */
const FOLDER = '/tmp/clair-tutorial';
const API = '127.0.0.1:6060';
const HEALTH = '127.0.0.1:6061';
const RECEIVER_PORT = '8000';
const INTEGRATIONS = fileURLToPath(new URL('../../integrations', import.meta.url));
const MAX_MS = 30_000;

const root = mkdtempSync(join(tmpdir(), 'clair-tutorials-'));
const programs = join(root, 'bin');

beforeAll(() => {
  mkdirSync(programs);
  writeFileSync(join(programs, 'clair'), `#!/bin/sh\nexec ${CLAIR_WORDS.map((word) => `'${word}'`).join(' ')} "$@"\n`);
  chmodSync(join(programs, 'clair'), 0o755);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

type Step = { readonly command: string; readonly expected: string };

type Feed = { readonly name: string; readonly updatedAt: string | null };

describe('the tutorial for engineers', () => {
  it('shows the output of its commands', async () => {
    const folder = await tutorialFolder('engineer');
    const steps = stepsOf('engineer');
    expect(steps.length).toBeGreaterThan(8);
    expect(await failedSteps(steps, folder)).toEqual([]);
  }, 600_000);
});

describe('the tutorial for CI', () => {
  it('shows the output of its commands', async () => {
    const folder = await tutorialFolder('ci');
    const steps = stepsOf('ci');
    expect(steps.length).toBeGreaterThan(6);
    expect(await failedSteps(steps, folder)).toEqual([]);
  }, 600_000);
});

describe('the tutorial for operators', () => {
  it('shows the output of its commands, and its webhook receives the new vulnerability', async () => {
    const folder = await tutorialFolder('operator');
    const [api, health, receiver] = await freePorts(3);
    const replaced: Replacements = [
      [API, `127.0.0.1:${api}`],
      [HEALTH, `127.0.0.1:${health}`],
      [RECEIVER_PORT, String(receiver)],
    ];
    const steps = stepsOf('operator');
    const beforeStart = steps.findIndex(({ command }) => command.includes(HEALTH));
    expect(beforeStart).toBeGreaterThan(0);
    expect(await failedSteps(steps.slice(0, beforeStart), folder, replaced)).toEqual([]);

    const receiving = startBlock('operator', 'node -e ', folder, replaced);
    expect(blocksOf('operator')).toContain(`clair serve --config ${FOLDER}/clair.yaml`);
    const ports = ['--port', String(api), '--health-port', String(health)];
    const server = await serveClair(['--config', join(folder, 'clair.yaml'), ...ports], { CLAIR_DB: '' });
    try {
      await hasFeeds(server.url);
      expect(await failedSteps(steps.slice(beforeStart), folder, replaced)).toEqual([]);
      const message = await receiving.until('CVE-2099-1012');
      expect(JSON.parse(message)).toMatchObject({
        Name: 'CVE-2099-1012',
        Type: 'NewVulnerabilityNotification',
        Images: [{ Reference: 'registry.example.org/shop/checkout:2.4' }],
      });
    } finally {
      await server.stop();
      receiving.process.kill();
    }
  }, 600_000);
});

/** Texts of a page, each with the text that replaces it in commands and expected output. */
type Replacements = readonly (readonly [text: string, replacement: string])[];

async function tutorialFolder(page: string): Promise<string> {
  const folder = join(root, page);
  mkdirSync(folder);
  await writeTutorialFiles(folder);
  return folder;
}

/** Returns the code blocks of a page, without indentation. */
function blocksOf(page: string): readonly string[] {
  const lines = readFileSync(new URL(`../../docs/tutorials/${page}.md`, import.meta.url), 'utf8').split('\n');
  const blocks: string[] = [];
  let isOpen = false;
  for (const line of lines) {
    const isCode: boolean = line.startsWith('    ') || (isOpen && line === '');
    if (isCode && isOpen) blocks.push(`${blocks.pop()}\n${line.slice(4)}`);
    else if (isCode) blocks.push(line.slice(4));
    isOpen = isCode;
  }
  return blocks.map((block) => block.trimEnd());
}

/** Returns the commands after a `$`, each with the output that the page shows. */
function stepsOf(page: string): readonly Step[] {
  const blocks = blocksOf(page).filter((block) => /^\$ /m.test(block));
  expect(blocks.filter((block) => !block.startsWith('$ '))).toEqual([]);
  return blocks
    .flatMap((block) => block.slice(2).split('\n$ '))
    .map((step) => {
      const [command = '', ...expected] = step.split('\n');
      return { command, expected: expected.join('\n') };
    });
}

/** Runs the steps in order, and returns the steps whose output differs from the page, each with its output. */
async function failedSteps(
  steps: readonly Step[],
  folder: string,
  replaced: Replacements = [],
): Promise<readonly string[]> {
  const failed: string[] = [];
  for (const step of steps) {
    const command = replacedIn(step.command, folder, replaced);
    const { stdout } = startCommand(command, folder);
    const output = stdout === null ? '' : await text(stdout);
    const whole = output === '' || output.endsWith('\n') ? output : `${output}\n`;
    if (!patternOf(replacedIn(step.expected, folder, replaced)).test(whole)) failed.push(`$ ${command}\n${whole}`);
  }
  return failed;
}

function replacedIn(words: string, folder: string, replaced: Replacements): string {
  return replaced.reduce((result, [from, to]) => result.replaceAll(from, to), words.replaceAll(FOLDER, folder));
}

/** An ellipsis matches any lines if it is alone on a line, and otherwise anything within a line. */
function patternOf(expected: string): RegExp {
  const lines = expected.split('\n').map((line) => {
    if (line === '…') return String.raw`(?:.*\n)*`;
    return `${line.split('…').map(escaped).join('.*')}\n`;
  });
  return new RegExp(`^${expected === '' ? '' : lines.join('')}$`);
}

function escaped(words: string): string {
  return words.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);
}

/** Runs a bash command in the folder of the tutorial, with standard error redirected to standard output. */
function startCommand(command: string, folder: string): ChildProcess {
  return spawn('bash', ['--norc', '-c', `exec 2>&1; ${command}`], {
    cwd: folder,
    env: {
      ...env,
      PATH: `${programs}:${env['PATH'] ?? ''}`,
      HOME: folder,
      CLAIR_CONFIG: join(folder, 'clair.yaml'),
      CLAIR_DB: '',
      CLAIR_INTEGRATIONS: INTEGRATIONS,
      FORCE_COLOR: '',
      no_proxy: '*',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/**
 * Runs the code block of a page that begins with these words; `until` waits for an output line that contains a text.
 */
function startBlock(
  page: string,
  start: string,
  folder: string,
  replaced: Replacements,
): { readonly process: ChildProcess; readonly until: (words: string) => Promise<string> } {
  const block = blocksOf(page).find((each) => each.startsWith(start)) ?? '';
  const child = startCommand(`exec ${replacedIn(block, folder, replaced)}`, folder);
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  return {
    process: child,
    async until(words) {
      const deadline = Date.now() + MAX_MS;
      while (Date.now() < deadline) {
        const line = output.split('\n').find((each) => each.includes(words));
        if (line !== undefined) return line;
        await pause(100);
      }
      throw new Error(`no line with ${words} within ${MAX_MS} ms: ${output}`);
    },
  };
}

/** Waits until the server has updated the feed of the image's distribution. */
async function hasFeeds(url: string): Promise<void> {
  const deadline = Date.now() + MAX_MS;
  while (Date.now() < deadline) {
    const { feeds } = (await (await fetch(`${url}/v2/feeds`)).json()) as { readonly feeds: readonly Feed[] };
    if (feeds.some(({ name, updatedAt }) => name === 'debian' && updatedAt !== null)) return;
    await pause(100);
  }
  throw new Error(`the server did not update the feeds within ${MAX_MS} ms`);
}
