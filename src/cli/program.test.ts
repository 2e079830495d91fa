import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { runCli } from './program.ts';

const DEBIAN_FEED = fileURLToPath(new URL('../updater/testing/debian-feed.json', import.meta.url));

async function helpOf(...command: readonly string[]): Promise<string> {
  let out = '';
  const signal = new AbortController().signal;
  const console = { out: (text: string) => (out += text), err: () => undefined, signal };
  expect(await runCli([...command, '--help'], console)).toBe(0);
  return out;
}

it('lists the commands in its help by what they are about, and how to begin', async () => {
  const help = await helpOf();
  const titles = [...help.matchAll(/^(\w+):$/gm)].map(([, title]) => title);
  expect(titles).toEqual(expect.arrayContaining(['Images', 'Data', 'Server', 'Other']));
  expect(help.indexOf('  explain ')).toBeLessThan(help.indexOf('Data:'));
  expect(help).toContain('  clair update  ');
});

it.each([['scan'], ['explain'], ['diff'], ['graph'], ['affected'], ['submit'], ['report']])(
  'says of %s with what status it ends, and gives an example',
  async (name) => {
    const help = await helpOf(name);
    expect(help).toMatch(/^Exit status: 0 /m);
    expect(help).toMatch(new RegExp(`^  .*clair ${name} `, 'm'));
  },
);

it('takes the former names of feeds, which its help does not list', async () => {
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
    expect(await helpOf()).not.toContain('  sources ');
    expect(await helpOf('update')).not.toContain('--source');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
