import { expect, it } from 'vitest';
import { ChunkedBytes } from '../../../../../bytes/chunks/chunked-bytes.ts';
import { takeFunctions } from './function-census.ts';

function packagesOf(...names: readonly string[]): readonly string[] {
  const census = takeFunctions([new ChunkedBytes([Buffer.from(`${names.join('\0')}\0`, 'latin1')])], 'a.com/app');
  return 'unknown' in census ? [census.unknown] : [...census.packages];
}

it.each([
  ['the main package under its import path', ['main.main', 'a.com/b.F'], ['a.com/app', 'a.com/b']],
  ['no package for a name without an import path', ['x/vendor/.F', 'a.com/b.F'], ['a.com/b']],
])('lists %s', (_, names, packages) => {
  expect(packagesOf(...names)).toEqual(packages);
});
