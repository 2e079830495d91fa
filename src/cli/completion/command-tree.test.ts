import { Command, Option } from 'commander';
import { expect, it } from 'vitest';
import { addFindingOptions } from '../options/finding-options.ts';
import { addGateOptions } from '../options/gate.ts';
import { allCommands, commandTree, shellWord } from './command-tree.ts';

it('returns nested commands and their options with values', () => {
  const program = new Command('p').option('-v, --verbose', 'say more').addCommand(
    new Command('db')
      .description('of data')
      .addCommand(new Command('export').addOption(new Option('--form <form>').choices(['a', 'b'])))
      .addCommand(new Command('secret'), { hidden: true }),
  );
  const all = allCommands(commandTree(program));
  expect(all.map(({ path }) => path)).toEqual(['p', 'p db', 'p db export']);
  expect(all[0]?.options[0]).toEqual({ long: '--verbose', description: 'say more', takesValue: false, values: [] });
  expect(all[2]?.options[0]).toMatchObject({ long: '--form', takesValue: true, values: ['a', 'b'] });
});

it('returns the values of lists, which the program parses itself', () => {
  const program = addGateOptions(addFindingOptions(new Command('p')));
  const values = new Map(commandTree(program).options.map(({ long, values: of }) => [long, of]));
  expect(values.get('--type')).toEqual(['os', 'library', 'file']);
  expect(values.get('--include')).toEqual(['kernel-headers']);
  expect(values.get('--fail-on')).toContain('kev');
});

it.each(["it's", '$(x) `x` "x" \\', ''])('quotes %j as one word of a shell', (text) => {
  const word = shellWord(text);
  // Single quotes preserve every character (POSIX, 2.2.2).
  expect(
    word
      .split("'\\''")
      .map((part) => part.replaceAll("'", ''))
      .join("'"),
  ).toBe(text);
});
