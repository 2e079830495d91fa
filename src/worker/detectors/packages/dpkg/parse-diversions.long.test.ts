import { expect, it } from 'vitest';
import { MAX_DIVERSIONS, parseDiversions } from './parse-diversions.ts';

it(`diversions are read up to the limit of ${MAX_DIVERSIONS}`, () => {
  const read = (count: number): ReturnType<typeof parseDiversions> => {
    const text = Array.from({ length: count }, (_, index) => `/${index}\n/${index}.x\np\n`).join('');
    return parseDiversions('diversions', Buffer.from(text), () => true);
  };
  expect(read(MAX_DIVERSIONS).diagnostics).toEqual([]);
  const { diversions, diagnostics } = read(MAX_DIVERSIONS + 1);
  expect(diversions).toHaveLength(MAX_DIVERSIONS);
  const message = 'diversions has more than 10000 diversions; the rest were not read';
  expect(diagnostics).toEqual([{ code: 'file-list-limit-reached', message, where: 'diversions' }]);
});
