import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ANY_CHARACTER } from '../../../../test/fixtures/any-text.ts';
import { createPathList, type PathList, pathsOf } from './path-list.ts';

function listOf(paths: readonly string[], maxCharacters = 1000): PathList | undefined {
  const writer = createPathList(maxCharacters);
  for (const path of paths) writer.add(path);
  return writer.list();
}

it('a list returns any added paths in order', () => {
  const path = fc.oneof(
    fc.string({ unit: ANY_CHARACTER, maxLength: 8 }),
    fc.array(fc.constantFrom('a', 'b', 'ab'), { minLength: 1 }).map((names) => names.join('/')),
  );
  fc.assert(
    fc.property(fc.array(path, { minLength: 1, maxLength: 8 }), (paths) => {
      const list = listOf(paths, 1_000_000);
      expect(list && [...pathsOf(list)]).toEqual(paths);
    }),
  );
});

it('stores a path without the prefix shared with the previous path', () => {
  expect(listOf(['usr/bin/', 'usr/bin/a', 'usr/bin/ab', 'var'])).toEqual({
    shared: [0, 8, 9, 0],
    rests: ['usr/bin/', 'a', 'b', 'var'],
  });
});

it('a list ends at its limit', () => {
  const paths = ['aaaa', 'bbbb', 'cccc'];
  expect(listOf(paths, 30)?.rests).toEqual(paths);
  expect(listOf(paths, 29)?.rests).toEqual(['aaaa', 'bbbb']);
  // Later, shorter paths are not added either: the list covers a prefix of the archive.
  expect(listOf(['aaaa', 'bbbbbbbb', 'c'], 20)?.rests).toEqual(['aaaa']);
});

it('an empty list is undefined', () => {
  expect(listOf([])).toBeUndefined();
});
