import { expect, it } from 'vitest';
import { verdictsOfRows } from './match-rows.ts';
import type { MatchItem, PartRow, PointItem } from './match-parts.ts';
import { countingTurns } from '../../testing/other-work.ts';
import { listOf } from './testing/part-lists.ts';

const FEATURES = 600;

/** Returns rows in which each of {@link FEATURES} packages has each of some vulnerabilities. */
function rowsOf(vulnerabilities: number, severity: (vulnerability: number) => number): readonly PartRow[] {
  const points: PointItem[] = [];
  for (let at = 0; at < FEATURES; at += 1) {
    points.push([at, 0, 'deb', `p${at}`, '1', null, '{}', 1, 'debian:12', 's', '']);
  }
  const matches: MatchItem[] = [];
  const rows: PartRow[] = [{ part: 'points', list: listOf(points) }];
  for (let id = 0; id < vulnerabilities; id += 1) {
    const named = { feed: 'debian', name: `CVE-${id}`, link: '', description: '' };
    rows.push({ part: 'vulnerability', list: null, id, nvd_severity: 0, ...named });
    for (const [feature] of points) {
      matches.push([id, feature, 1, severity(id), 'feed', 'open', null, null, null, '']);
    }
  }
  return [...rows, { part: 'matches', list: listOf(matches) }];
}

it('other work runs while many matches are evaluated and sorted', async () => {
  const rows = rowsOf(100, (id) => id % 7);
  const {
    result: { matches },
    turns,
  } = await countingTurns(() => verdictsOfRows(rows));
  expect(matches).toHaveLength(100 * FEATURES);
  expect(turns).toBeGreaterThan(0);
});

it('the worst match is first, and a rank of no severity is Unknown', async () => {
  const { matches } = await verdictsOfRows(rowsOf(3, (id) => [2, 99, 5][id] ?? 0));
  const severities = matches.map(({ vulnerability, severity }) => `${vulnerability.name} ${severity}`);
  expect([...new Set(severities)]).toEqual(['CVE-2 Critical', 'CVE-0 Low', 'CVE-1 Unknown']);
  expect(severities).toHaveLength(3 * FEATURES);
});
