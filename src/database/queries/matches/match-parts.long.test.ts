import { expect, it } from 'vitest';
import { partsOfRows, type PartRow } from './match-parts.ts';
import { countingTurns } from '../../testing/other-work.ts';
import { listOf, matchOf, pointOf, VULNERABILITY } from './testing/part-lists.ts';

it('matches share their packages and vulnerabilities, and other work runs between parts of long lists', async () => {
  const features = Array.from({ length: 30_000 }, (_, at) => at + 1);
  const rows: readonly PartRow[] = [
    { part: 'matches', list: listOf(features.flatMap((id) => [matchOf(id), matchOf(id)])) },
    VULNERABILITY,
    { part: 'points', list: listOf(features.map((id) => pointOf(id, `p${id}`, {}))) },
  ];
  const { result: matches, turns } = await countingTurns(() => partsOfRows(rows));
  expect(matches.map(({ feature, vulnerability: { of } }) => `${of.name} ${feature.of.name}`)).toEqual(
    features.flatMap((id) => [`CVE-1 p${id}`, `CVE-1 p${id}`]),
  );
  expect(turns).toBeGreaterThan(2);
});
