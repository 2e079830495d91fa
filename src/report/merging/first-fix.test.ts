import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchInterval, widestMatch } from '../../database/queries/matches/widest-match.ts';
import { deb } from '../../database/testing/packages.ts';
import type { Match } from '../../model/report/match.ts';
import { SCHEMES } from '../../versions/index.ts';
import { runCount } from '../../../test/fixtures/run-count.ts';
import { firstFix } from './first-fix.ts';

/** Parses a range of affected versions, such as `1..3` (without 3), `1..=3` (with 3), or `1..` (without an end). */
function range(text: string): Match {
  const [from = '', to = ''] = text.split('..');
  const last = to.startsWith('=') ? to.slice(1) : null;
  const fixed = to === '' || last !== null ? null : to;
  return {
    vulnerability: { feed: 's', name: text, link: '', description: '', aliases: [] },
    namespace: 'debian:12',
    severity: 'High',
    severityFrom: 'feed',
    status: fixed === null ? 'open' : 'fixed',
    fixed,
    range: { name: 'a', introduced: from === '' ? null : from, lastAffected: last },
    feature: deb('a', '1'),
    originDepth: 0,
  };
}

function fixOf(matches: string, later: string): string {
  const ranges = later === '' ? [] : later.split(' ').map(range);
  const { fixed, status } = firstFix(matches.split(' ').map(range).reduce(widestMatch), ranges);
  return fixed === null ? status : `${fixed} ${status}`;
}

describe('the fixed version', () => {
  it.each<[string, string, string, string]>([
    ['comes from a single advisory', '0..2', '', '2 fixed'],
    ['is the highest of several', '0..10 0..9', '', '10 fixed'],
    ['is null if one advisory has no fix', '0..9 0..', '', 'open'],
    ['is null if one advisory names a higher last affected version', '0..2 0..=2', '', 'open'],
    ['is not in a later range', '0..2', '1.5..3', '3 fixed'],
    ['is not at the start of a later range', '0..2', '2..3', '3 fixed'],
    ['is below a separate later range', '0..2', '3..4', '2 fixed'],
    ['is above several overlapping ranges', '0..2', '5..6 1.9..3 2.5..4', '4 fixed'],
    ['is null if a later range has no end', '0..2', '2..', 'open'],
    ['comes from another branch if this one names only a last affected version', '0..=2', '4..5', '5 fixed'],
  ])('%s', (_, matches, later, expected) => {
    expect(fixOf(matches, later)).toBe(expected);
  });

  it('is the lowest named version outside all ranges', () => {
    const end = fc.oneof(
      fc.integer({ min: 2, max: 12 }).map(String),
      fc.integer({ min: 2, max: 12 }).map((version) => `=${version}`),
      fc.constant(''),
    );
    const later = fc
      .tuple(fc.integer({ min: 2, max: 12 }), end)
      .map(([from, to]) => range(`${from}..${to}`))
      .filter((match) => Buffer.compare(matchInterval(match).lo, matchInterval(match).hi) < 0);
    const present = fc.array(
      end.map((to) => range(`0..${to}`)),
      { minLength: 1, maxLength: 3 },
    );
    fc.assert(
      fc.property(present, fc.array(later, { maxLength: 6 }), ([first = range('0..'), ...others], beyond) => {
        const all = [first, ...others, ...beyond];
        const isAffected = (version: string): boolean =>
          all.map(matchInterval).some(({ lo, hi }) => {
            const key = SCHEMES.dpkg.key(version);
            return Buffer.compare(lo, key) <= 0 && Buffer.compare(key, hi) < 0;
          });
        const told = all.flatMap(({ fixed }) => fixed ?? []).toSorted((one, other) => Number(one) - Number(other));
        expect(firstFix(others.reduce(widestMatch, first), beyond).fixed).toBe(
          told.find((version) => !isAffected(version)) ?? null,
        );
      }),
      { numRuns: runCount(20_000, 200) },
    );
  });
});
