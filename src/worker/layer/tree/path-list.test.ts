import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ANY_CHARACTER } from '../../../../test/fixtures/any-text.ts';
import { createPathList, type PathList, pathsOf } from './path-list.ts';

function listOf(paths: readonly string[], maxCharacters = 1000): PathList | undefined {
  const writer = createPathList(maxCharacters);
  for (const path of paths) writer.add(path);
  return writer.list();
}

it('a list gives the paths that were added, in their order, whatever they are', () => {
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

it('a path is kept as what it does not share with the one before it', () => {
  expect(listOf(['usr/bin/', 'usr/bin/a', 'usr/bin/ab', 'var'])).toEqual({
    shared: [0, 8, 9, 0],
    rests: ['usr/bin/', 'a', 'b', 'var'],
  });
});

it('a list ends at its bound', () => {
  const paths = ['aaaa', 'bbbb', 'cccc'];
  expect(listOf(paths, 30)?.rests).toEqual(paths);
  expect(listOf(paths, 29)?.rests).toEqual(['aaaa', 'bbbb']);
  // What comes later is not taken either, were it smaller: the list is all up to some member of the archive.
  expect(listOf(['aaaa', 'bbbbbbbb', 'c'], 20)?.rests).toEqual(['aaaa']);
});

it('a list of nothing is none', () => {
  expect(listOf([])).toBeUndefined();
});
