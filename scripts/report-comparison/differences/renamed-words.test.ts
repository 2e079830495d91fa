import { expect, it } from 'vitest';
import { renamedWords } from './renamed-words.ts';

const RENAMES = [
  { path: 'a.code', from: 'source-', to: 'feed-' },
  { path: 'why', from: 'a source', to: 'a feed' },
];

it('replaces words in the texts at the given paths, also in lists', () => {
  const value = { a: [{ code: 'source-stale', other: 'source-x' }, { code: 'old' }], why: ['a source, a source', 1] };
  expect(renamedWords(value, RENAMES)).toEqual({
    a: [{ code: 'feed-stale', other: 'source-x' }, { code: 'old' }],
    why: ['a feed, a feed', 1],
  });
});

it.each([[null], [true], [3], [[]], [{}]])('keeps %j', (value) => {
  expect(renamedWords(value, RENAMES)).toEqual(value);
});
