import { expect, it } from 'vitest';
import { createProgram, runCli } from './program.ts';
import { helpOf } from './testing/command-help.ts';

it.each([['scan'], ['explain'], ['diff'], ['graph'], ['affected'], ['submit'], ['report']])(
  'shows the exit statuses and an example in the help of %s',
  async (name) => {
    const help = await helpOf(name);
    expect(help).toMatch(/^Exit status:\n {2}0 {4}\w/m);
    expect(help.indexOf('Examples:')).toBeLessThan(help.indexOf('Arguments:'));
    expect(help).toMatch(new RegExp(`^  .*clair ${name} `, 'm'));
  },
);

it('prints the same version for clair version and clair --version', async () => {
  const outOf = async (argument: string): Promise<string> => {
    let out = '';
    const signal = new AbortController().signal;
    expect(await runCli([argument], { out: (text) => (out += text), err: () => undefined, signal })).toBe(0);
    return out;
  };
  expect(await outOf('version')).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(await outOf('version')).toBe(await outOf('--version'));
});

it('loads only the code of the command that runs', async () => {
  const console = { out: () => undefined, err: () => undefined, signal: new AbortController().signal };
  const program = await createProgram(
    console,
    () => undefined,
    (name) => name === 'affected',
  );
  expect(program.commands.map((command) => command.name())).toEqual(['affected']);
});
