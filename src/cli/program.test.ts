import { expect, it } from 'vitest';
import { runCli } from './program.ts';

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
