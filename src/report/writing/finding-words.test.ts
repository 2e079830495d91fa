import { expect, it } from 'vitest';
import { clauseOf } from './finding-words.ts';

it.each([
  ['not reachable.', 'not reachable'],
  ['not reachable', 'not reachable'],
  ['later ...', 'later ...'],
  ['', ''],
])('leaves the full stop of a sentence out before other words: %j', (sentence, clause) => {
  expect(clauseOf(sentence)).toBe(clause);
});
