import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchInterval, widestMatch } from '../../database/queries/matches/widest-match.ts';
import { deb } from '../../database/testing/packages.ts';
import type { Match } from '../../model/report/match.ts';
import { SCHEMES } from '../../versions/index.ts';
import { runCount } from '../../../test/fixtures/run-count.ts';
import { firstFix } from './first-fix.ts';

/** A range of affected versions as a text: `1..3` up to below 3, `1..=3` up to and with 3, `1..` without an end. */
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

describe('the version that fixes a vulnerability', () => {
  it.each<[string, string, string, string]>([
    ['is that of the only advisory', '0..2', '', '2 fixed'],
    ['is the highest of several', '0..10 0..9', '', '10 fixed'],
    ['is none where one has no fix', '0..9 0..', '', 'open'],
    ['is none where one tells a last affected version above', '0..2 0..=2', '', 'open'],
    ['is not where another advisory begins to affect', '0..2', '1.5..3', '3 fixed'],
    ['is not where another one begins just there', '0..2', '2..3', '3 fixed'],
    ['stays where another one begins above', '0..2', '3..4', '2 fixed'],
    ['is not in the middle of several ranges', '0..2', '5..6 1.9..3 2.5..4', '4 fixed'],
    ['is none where another one never ends', '0..2', '2..', 'open'],
    ['is that of another branch where this one tells only a last affected version', '0..=2', '4..5', '5 fixed'],
  ])('%s', (_, matches, later, expected) => {
    expect(fixOf(matches, later)).toBe(expected);
  });

  it('lies in no range, and is the lowest such version that is told', () => {
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
