/** Tests that load the code of all commands. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { allCommands, commandTree } from './completion/command-tree.ts';
import { createProgram, runCli } from './program.ts';
import { helpOf } from './testing/command-help.ts';

const DEBIAN_FEED = fileURLToPath(new URL('../updater/testing/debian-feed.json', import.meta.url));

it('groups the commands in its help, and shows examples', async () => {
  const help = await helpOf();
  const titles = [...help.matchAll(/^(\w+):$/gm)].map(([, title]) => title);
  expect(titles).toEqual(expect.arrayContaining(['Images', 'Data', 'Server', 'Other']));
  expect(help.indexOf('  explain ')).toBeLessThan(help.indexOf('Data:'));
  expect(help.indexOf('Examples:')).toBeLessThan(help.indexOf('Images:'));
  expect(help).toContain('  clair update  ');
});

it.each([[[]], [['db']], [['config']], [['notifications']]])(
  'describes the command help like every other command: %j',
  async (command) => {
    expect(await helpOf(...command)).toMatch(/^ {2}help \[command\] +Show the help of a command$/m);
  },
);

it('accepts former names of commands and options, which its help hides', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'clair-program-'));
  const run = async (...args: readonly string[]): Promise<string> => {
    let out = '';
    const console = {
      out: (text: string) => (out += text),
      err: () => undefined,
      signal: new AbortController().signal,
    };
    await runCli([...args, '--db', join(folder, 'clair.db')], console);
    return out;
  };
  try {
    expect(await run('update', '--source', 'debian', '--from', DEBIAN_FEED)).toContain('debian: ');
    expect(await run('sources', '--json')).toContain('"fresh"');
    expect(await run('feeds', '-f', 'json')).toContain('"fresh"');
    expect(await helpOf('feeds')).not.toContain('--json');
    expect(await helpOf()).not.toContain('  sources ');
    expect(await helpOf('update')).not.toContain('--source');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

it('describes every command and option in one line', async () => {
  const console = { out: () => undefined, err: () => undefined, signal: new AbortController().signal };
  const commands = allCommands(commandTree(await createProgram(console, () => undefined)));
  const unlike = commands.flatMap(({ path, description, options }) => [
    ...(/^[A-Z].{1,90}\.$/.test(description) ? [] : [path]),
    ...options.filter((each) => !/^[A-Z].{1,70}[^.]$/.test(each.description)).map(({ long }) => `${path} ${long}`),
  ]);
  expect(unlike).toEqual([]);
});

it.each([['scan'], ['explain'], ['diff'], ['graph'], ['affected'], ['submit'], ['report']])(
  'shows the exit statuses and an example in the help of %s',
  async (name) => {
    const help = await helpOf(name);
    expect(help).toMatch(/^Exit status:\n {2}0 {4}\w/m);
    expect(help.indexOf('Examples:')).toBeLessThan(help.indexOf('Arguments:'));
    expect(help).toMatch(new RegExp(`^  .*clair ${name} `, 'm'));
  },
);

it('loads only the code of the command that runs', async () => {
  const console = { out: () => undefined, err: () => undefined, signal: new AbortController().signal };
  const program = await createProgram(
    console,
    () => undefined,
    (name) => name === 'affected',
  );
  expect(program.commands.map((command) => command.name())).toEqual(['affected']);
});

it.each([
  [['explain', 'CVE-2024-1234', 'sbom:-'], 'standard input is not a pipe or file'],
  [['graph', 'sbom:-'], 'standard input is not a pipe or file'],
  [['diff', 'sbom:-', '-'], 'both images are on standard input'],
])('accepts an SBOM on standard input for one image: %j', async (args, message) => {
  let err = '';
  const console = {
    out: () => undefined,
    err: (text: string) => (err += text),
    signal: new AbortController().signal,
  };
  expect(await runCli([...args, '--db', 'memory'], console)).toBe(2);
  expect(err).toContain(message);
});
