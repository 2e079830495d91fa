import { expect, it } from 'vitest';
import { aptSources } from './apt-sources.ts';

it.each([
  ['debian.sources', (suites: string) => `Types: deb\nSuites: ${suites}\nComponents: main\n`],
  ['debian.list', (suites: string) => suites.replaceAll(/\S+ ?/g, 'deb http://a $&main\n')],
])('reads more suites than a call can have arguments (%s)', (name, textOf) => {
  const suites = Array.from({ length: 130_000 }, (_, at) => `s${at}`);
  const text = textOf(`${suites.join(' ')} `);
  const { release, diagnostics } = aptSources.read(`etc/apt/sources.list.d/${name}`, Buffer.from(text));
  expect(diagnostics).toEqual([]);
  expect(release?.['SUITES']?.split(' ')).toHaveLength(suites.length);
});
