import { expect, it } from 'vitest';
import { verdictsOfRows } from './match-rows.ts';
import { FEATURES, rowsOf } from './testing/part-lists.ts';

it('the worst match is first, and a rank of no severity is Unknown', async () => {
  const { matches } = await verdictsOfRows(rowsOf(3, (id) => [2, 99, 5][id] ?? 0));
  const severities = matches.map(({ vulnerability, severity }) => `${vulnerability.name} ${severity}`);
  expect([...new Set(severities)]).toEqual(['CVE-2 Critical', 'CVE-0 Low', 'CVE-1 Unknown']);
  expect(severities).toHaveLength(3 * FEATURES);
});
