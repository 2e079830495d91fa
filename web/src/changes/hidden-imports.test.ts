import { expect, it } from 'vitest';
import { importWords } from './hidden-imports.tsx';

const of = (feed: string, changes: number, isWhole = true): Parameters<typeof importWords>[0][number] => ({
  feed,
  changes,
  isWhole,
});

it.each([
  [[of('debian', 2000)], 'First import of debian (2,000 advisories)'],
  [[of('debian', 1)], 'First import of debian (1 advisory)'],
  [[of('debian', 2), of('osv', 3), of('alma', 4)], 'First imports of debian, osv and alma (9 advisories)'],
  [
    [of('a', 1), of('b', 1), of('c', 1), of('d', 20_000, false)],
    'First imports of 4 feeds (more than 20,003 advisories)',
  ],
])('%j: %s', (imports, words) => {
  expect(importWords(imports)).toBe(words);
});
