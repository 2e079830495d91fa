import { expect, it } from 'vitest';
import { verdictsOfRows } from './match-rows.ts';
import { FEATURES, listOf, rowsOf, VULNERABILITY } from './testing/part-lists.ts';

it('the worst match is first, and a rank of no severity is Unknown', async () => {
  const { matches } = await verdictsOfRows(rowsOf(3, (id) => [2, 99, 5][id] ?? 0));
  const severities = matches.map(({ vulnerability, severity }) => `${vulnerability.name} ${severity}`);
  expect([...new Set(severities)]).toEqual(['CVE-2 Critical', 'CVE-0 Low', 'CVE-1 Unknown']);
  expect(severities).toHaveLength(3 * FEATURES);
});

it.each([
  ['1:1.12-1', '', ['undetermined'], []],
  ['1:1.12-4', '', [], ['fixed']],
  ['1:1.12-1', 'source', [], ['fixed']],
])('a fix in %s, role %j, of a package whose epoch is unknown', async (fixed, role, undecided, found) => {
  const source = { name: 'dbus', version: '1.12-3' };
  const point = [{ source, epoch: 'unknown' }, 1, 0, 'rpm', 'dbus', '1.12-3', 'x86_64', 1, 'rhel:9', 'dbus', role];
  const verdicts = await verdictsOfRows([
    VULNERABILITY,
    { part: 'points', list: listOf([point]) },
    { part: 'matches', list: listOf([[7, 1, 1, 3, 'feed', 'fixed', fixed, null, null, '']]) },
  ]);
  expect(verdicts.undecided.map(({ status }) => status)).toEqual(undecided);
  expect(verdicts.matches.map(({ status }) => status)).toEqual(found);
});
