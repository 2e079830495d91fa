import { expect, it } from 'vitest';
import { type MatchItem, partsOfRows, type PartRow, type PointItem } from './match-parts.ts';
import { countingTurns } from '../../testing/other-work.ts';
import { listOf } from './testing/part-lists.ts';

function pointOf(feature: number, name: string, details: object): PointItem {
  return [feature, 0, 'deb', name, '1', null, JSON.stringify(details), 1, 'debian:12', 'line', ''];
}

const matchOf = (feature: number): MatchItem => [7, feature, 1, 3, 'feed', 'open', null, null, null, ''];

const vulnerability: PartRow = {
  part: 'vulnerability',
  list: null,
  id: 7,
  nvd_severity: 0,
  feed: 'debian',
  name: 'CVE-1',
  link: '',
  description: '',
};

it('matches share their packages and vulnerabilities, and other work runs between parts of long lists', async () => {
  const features = Array.from({ length: 30_000 }, (_, at) => at + 1);
  const rows: readonly PartRow[] = [
    { part: 'matches', list: listOf(features.flatMap((id) => [matchOf(id), matchOf(id)])) },
    vulnerability,
    { part: 'points', list: listOf(features.map((id) => pointOf(id, `p${id}`, {}))) },
  ];
  const { result: matches, turns } = await countingTurns(() => partsOfRows(rows));
  expect(matches.map(({ feature, vulnerability: { of } }) => `${of.name} ${feature.of.name}`)).toEqual(
    features.flatMap((id) => [`CVE-1 p${id}`, `CVE-1 p${id}`]),
  );
  expect(turns).toBeGreaterThan(2);
});

it('features of one name and version are sorted by the texts of their details, then by their ids', async () => {
  const points = [pointOf(1, 'p', { source: 'b' }), pointOf(3, 'p', { source: 'a' }), pointOf(2, 'p', { source: 'a' })];
  const rows: readonly PartRow[] = [
    { part: 'points', list: listOf(points) },
    vulnerability,
    { part: 'matches', list: listOf([matchOf(1), matchOf(2), matchOf(3)]) },
  ];
  const matches = await partsOfRows(rows);
  expect(matches.map(({ feature }) => feature.place)).toEqual([2, 0, 1]);
});
