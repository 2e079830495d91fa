import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ShownFiles, writeShownFiles } from '../../scripts/pictures/shown-image.ts';
import { type ClairProcess, serveClair } from '../fixtures/clair-process.ts';
import { CLAIR_WORDS } from '../fixtures/clair-program.ts';
import { newPostgresSource } from '../../src/database/testing/stores.ts';

/** The pages for newcomers: every command in them that stands behind a `$` is run, and says what is quoted. */
const folder = mkdtempSync(join(tmpdir(), 'clair-getting-started-'));
const inFolder = (name: string): string => join(folder, name);
const programs = inFolder('bin');
let files: ShownFiles;

beforeAll(async () => {
  files = await writeShownFiles(folder);
  mkdirSync(programs);
  writeFileSync(join(programs, 'clair'), `#!/bin/sh\nexec ${CLAIR_WORDS.map((word) => `'${word}'`).join(' ')} "$@"\n`);
  chmodSync(join(programs, 'clair'), 0o755);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Step = { readonly command: string; readonly expected: string };

/** The blocks of a page, without what sets them off. */
function blocksOf(page: string): readonly string[] {
  const lines = readFileSync(new URL(`../../docs/getting-started/${page}.md`, import.meta.url), 'utf8').split('\n');
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

/** The commands of a page with what each writes. */
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

/** What must be written: an ellipsis that is a line stands for lines, and else for anything in a line. */
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

/** Runs a line of bash in the folder of the image; gives all that it writes. */
async function run(command: string, variables: Readonly<Record<string, string>>): Promise<string> {
  const child = spawn('bash', ['--norc', '-c', `exec 2>&1; ${command}`], {
    cwd: folder,
    env: {
      ...env,
      PATH: `${programs}:${env['PATH'] ?? ''}`,
      HOME: folder,
      XDG_DATA_HOME: inFolder('data'),
      XDG_CONFIG_HOME: inFolder('config'),
      CLAIR_DB: '',
      FORCE_COLOR: '',
      no_proxy: '*',
      ...variables,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return await text(child.stdout);
}

/** Carries out the steps one after the other; gives those whose words are not what was quoted, with what they wrote. */
async function carriedOut(
  steps: readonly Step[],
  outputOf: (step: Step) => Promise<string>,
): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const step of steps) {
    const written = await outputOf(step);
    const whole = written === '' || written.endsWith('\n') ? written : `${written}\n`;
    if (!patternOf(step.expected).test(whole)) wrong.push(`$ ${step.command}\n${whole}`);
  }
  return wrong;
}

describe('the page for engineers', () => {
  it('quotes what its commands say', async () => {
    const addresses = [...files.feeds].map(([feed, name]) => `    ${feed}: ${pathToFileURL(inFolder(name)).href}\n`);
    writeFileSync(inFolder('mirrors.yaml'), `updater:\n  addresses:\n${addresses.join('')}`);
    const variables = { CLAIR_CONFIG: inFolder('mirrors.yaml') };
    for (const base of files.bases) await run(`clair scan ${base}`, variables);
    const steps = stepsOf('engineer');
    expect(steps.length).toBeGreaterThan(8);
    expect(await carriedOut(steps, async ({ command }) => await run(command, variables))).toEqual([]);
  }, 600_000);
});

describe('the page for operators', () => {
  it('has a configuration that holds, and quotes what its commands say, on PostgreSQL', async () => {
    const source = newPostgresSource();
    const page = blocksOf('registry').find((block) => block.startsWith('api:')) ?? '';
    expect(page).toContain('postgres://clair@db.example.org/clair');
    const configuration = page
      .replace('postgres://clair@db.example.org/clair', `'${source}'`)
      .replace('0.0.0.0', '127.0.0.1');
    writeFileSync(inFolder('clair.yaml'), configuration);
    const tracker = inFolder(files.feeds.get('debian') ?? '');
    let server: ClairProcess | undefined;
    const outputOf = async ({ command }: Step): Promise<string> => {
      if (command.startsWith('curl') && server === undefined) {
        const address = `{debian: '${pathToFileURL(tracker).href}'}`;
        server = await serveClair(['--config', inFolder('clair.yaml'), '--port', '0', '--no-health-port'], {
          CLAIR_UPDATER_ADDRESSES: address,
          CLAIR_UPDATER_FEEDS: '[debian]',
        });
      }
      const here = command.replace('http://localhost:6060', server?.url ?? '');
      const written = await run(here, {});
      if (command.includes('@checkout.tar')) await isRead(server?.url ?? '');
      return written;
    };
    try {
      const steps = stepsOf('registry');
      expect(steps.length).toBeGreaterThan(5);
      expect(await carriedOut(steps, outputOf)).toEqual([]);
    } finally {
      await server?.stop();
    }
  }, 600_000);
});

/** Waits until the image that was submitted is read, and the feed of its release. */
async function isRead(url: string): Promise<void> {
  const ask = async (path: string): Promise<string> => await (await fetch(`${url}/v2/${path}`)).text();
  for (let tries = 0; tries < 600; tries += 1) {
    const [submissions, feeds] = [await ask('submissions'), await ask('feeds')];
    if (submissions.includes('"state":"failed"')) throw new Error(submissions);
    if (submissions.includes('"state":"done"') && /"name":"debian","updatedAt":"/.test(feeds)) return;
    await pause(100);
  }
  throw new Error('the image was not read within a minute');
}
