import { expect, it } from 'vitest';
import { storedExamples } from './feed-state-row.ts';

it('reads record diagnostics with their kind', () => {
  const examples = [{ kind: 'inexact', message: 'CVE-1 has an unknown urgency' }];
  expect(storedExamples(JSON.stringify(examples))).toEqual(examples);
});

it('counts diagnostics of older releases, which have no kind, as skipped entries', () => {
  expect(storedExamples('["CVE-1 skipped"]')).toEqual([{ kind: 'skipped', message: 'CVE-1 skipped' }]);
});
