import { expect, it } from 'vitest';
import { partsOfRows, type PartRow } from './match-parts.ts';
import { listOf, matchOf, pointOf, VULNERABILITY } from './testing/part-lists.ts';

it('features with the same name and version are sorted by the texts of their details, then by their ids', async () => {
  const points = [pointOf(1, 'p', { source: 'b' }), pointOf(3, 'p', { source: 'a' }), pointOf(2, 'p', { source: 'a' })];
  const rows: readonly PartRow[] = [
    { part: 'points', list: listOf(points) },
    VULNERABILITY,
    { part: 'matches', list: listOf([matchOf(1), matchOf(2), matchOf(3)]) },
  ];
  const matches = await partsOfRows(rows);
  expect(matches.map(({ feature }) => feature.place)).toEqual([2, 0, 1]);
});

it('aliases are sorted', async () => {
  const rows: readonly PartRow[] = [
    VULNERABILITY,
    { part: 'points', list: listOf([pointOf(1, 'p', {})]) },
    { part: 'matches', list: listOf([matchOf(1)]) },
  ];
  const [match] = await partsOfRows(rows);
  expect(match?.vulnerability.of.aliases).toEqual(['CVE-3', 'DSA-2']);
});
