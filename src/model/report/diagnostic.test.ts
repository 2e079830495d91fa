import { expect, it } from 'vitest';
import { DIAGNOSTICS, isIncomplete } from './diagnostic.ts';

it.each(Object.entries(DIAGNOSTICS))('%s says when it occurs and what to do, each in a sentence', (_, row) => {
  expect([row.meaning, row.remedy]).toEqual([
    expect.stringMatching(/^[A-Z].*\.$/),
    expect.stringMatching(/^[A-Z].*\.$/),
  ]);
});

it('a result is incomplete if one of its diagnostics is incomplete', () => {
  const exact = { code: 'feed-undecided', message: '', where: 'debian' } as const;
  expect(isIncomplete([exact])).toBe(false);
  expect(isIncomplete([exact, { ...exact, code: 'feed-stale' }])).toBe(true);
});
