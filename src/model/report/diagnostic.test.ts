import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { diagnosticsPage } from '../../../scripts/diagnostics-page.ts';
import { DIAGNOSTICS, isIncomplete } from './diagnostic.ts';

it('docs/reference/diagnostics.md is up to date (scripts/write-diagnostics.ts)', () => {
  const page = readFileSync(new URL('../../../docs/reference/diagnostics.md', import.meta.url), 'utf8');
  expect(page).toBe(diagnosticsPage());
  for (const code of Object.keys(DIAGNOSTICS)) expect(page).toContain(`\n| \`${code}\` `);
});

it.each(Object.entries(DIAGNOSTICS))('%s says when it occurs and what to do, each in a sentence', (_, row) => {
  expect([row.meaning, row.remedy]).toEqual([
    expect.stringMatching(/^[A-Z].*\.$/),
    expect.stringMatching(/^[A-Z].*\.$/),
  ]);
});

it('a result is incomplete if one of its diagnostics is', () => {
  const exact = { code: 'feed-undecided', message: '', where: 'debian' } as const;
  expect(isIncomplete([exact])).toBe(false);
  expect(isIncomplete([exact, { ...exact, code: 'feed-stale' }])).toBe(true);
});
