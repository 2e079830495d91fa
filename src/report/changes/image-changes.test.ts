import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SEVERITIES, type Severity } from '../../model/severity.ts';
import { type ImageStates, imageChanges, isSameRating, type Rating, type StatedFinding } from './image-changes.ts';

/** Parses a finding in the form `version severity fixedIn`; an empty text means no finding. */
function findings(texts: Readonly<Record<string, string>>): ReadonlyMap<string, StatedFinding> {
  const stated = Object.entries(texts).filter(([, text]) => text !== '');
  return new Map(
    stated.map(([key, text]) => {
      const [version = '', severity, fixedIn = null] = text.split(' ');
      const rating: Rating = { version, severity: severity as Severity, status: 'fixed', fixedIn };
      return [key, { feed: 's', vulnerability: `CVE-${key}`, type: 'deb', package: 'p', rating }];
    }),
  );
}

function statesOf(
  before: string,
  between: string,
  after: string,
  suppressed: readonly string[] = [],
): Readonly<ImageStates> {
  return {
    before: findings({ a: before }),
    between: findings({ a: between }),
    after: findings({ a: after }),
    suppressed: new Set(suppressed),
  };
}

describe('a finding', () => {
  it.each<[string, string, string, string]>([
    ['', '', '', 'no change'],
    ['1 Low 2', '1 Low 2', '1 Low 2', 'no change'],
    ['', '1 Low 2', '1 Low 2', 'new by data at 7'],
    ['', '', '2 Low 3', 'new by image'],
    // The former image also has the finding, but for another version of the package.
    ['', '1 Low 2', '0 High 2', 'new by data at 7'],
    ['1 Low 2', '', '', 'withdrawn by data at 7'],
    ['1 Low 2', '1 Low 2', '', 'fixed by image'],
    ['1 Low 2', '1 High 2', '', 'fixed by image'],
    ['1 Low 2', '1 High 2', '1 High 2', 'rescored by data at 7'],
    ['1 Low', '1 Low 2', '1 Low 2', 'rescored by data at 7'],
    ['1 Low 2', '1 Low 2', '3 Low 4', 'rescored by image'],
    ['1 Low 2', '', '3 Low 4', 'rescored by image'],
    // Another version of the package has the same finding.
    ['1 Low 3', '1 Low 3', '2 Low 3', 'no change'],
    // The change of the image cancels the effect of the data change.
    ['1 Low 3', '1 High 3', '2 Low 3', 'no change'],
    ['', '1 Low 3', '', 'no change'],
  ])('"%s" before, "%s" by the current data, "%s" now: %s', (before, between, after, expected) => {
    const [change] = imageChanges(statesOf(before, between, after), () => 7);
    const time = change === undefined || change.at === null ? '' : ` at ${change.at}`;
    expect(change === undefined ? 'no change' : `${change.kind} by ${change.cause}${time}`).toBe(expected);
  });

  it('is not a change if a rule suppresses it', () => {
    expect(imageChanges(statesOf('1 Low', '1 Low', '', ['a']), () => 7)).toEqual([]);
  });
});

it('sorts changes by kind, the worst first', () => {
  const states = {
    before: findings({ a: '1 Low', b: '1 High', c: '1 Low', d: '1 Critical' }),
    between: findings({ b: '1 High', c: '1 High', d: '1 Critical', e: '1 Low', f: '1 High' }),
    after: findings({ c: '1 High', e: '1 Low', f: '1 High' }),
    suppressed: new Set<string>(),
  };
  const changes = imageChanges(states, () => 7);
  expect(changes.map(({ kind, vulnerability }) => `${kind} ${vulnerability}`)).toEqual([
    'new CVE-f',
    'new CVE-e',
    'rescored CVE-c',
    'fixed CVE-d',
    'fixed CVE-b',
    'withdrawn CVE-a',
  ]);
});

describe('for any findings', () => {
  const rating = fc.record({
    version: fc.constantFrom('1', '2'),
    severity: fc.constantFrom(...SEVERITIES.slice(0, 3)),
    status: fc.constant('fixed' as const),
    fixedIn: fc.constantFrom(null, '3'),
  });
  const state = fc
    .dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e'), rating)
    .map(
      (of) =>
        new Map(
          Object.entries(of).map(([key, each]): [string, StatedFinding] => [
            key,
            { feed: 's', vulnerability: key, type: 'deb', package: 'p', rating: each },
          ]),
        ),
    );

  it('the former findings plus the changes are the current findings', () => {
    fc.assert(
      fc.property(state, state, state, (before, between, after) => {
        const changes = imageChanges({ before, between, after, suppressed: new Set() }, () => 7);
        const made = new Map([...before].map(([key, finding]) => [key, finding.rating]));
        for (const change of changes) {
          expect(change.before).toEqual(made.get(change.vulnerability) ?? null);
          if (change.after === null) made.delete(change.vulnerability);
          else made.set(change.vulnerability, change.after);
        }
        expect(new Set(made.keys())).toEqual(new Set(after.keys()));
        for (const [key, finding] of after) expect(isSameRating(made.get(key), finding.rating)).toBe(true);
      }),
    );
  });

  it('equal data causes no data change, and an equal image no image change', () => {
    fc.assert(
      fc.property(state, state, (one, other) => {
        const byImage = imageChanges({ before: one, between: one, after: other, suppressed: new Set() }, () => 7);
        expect(byImage.filter(({ cause }) => cause === 'data')).toEqual([]);
        const byData = imageChanges({ before: one, between: other, after: other, suppressed: new Set() }, () => 7);
        expect(byData.filter(({ cause }) => cause === 'image')).toEqual([]);
        expect(byData).toHaveLength(byImage.length);
      }),
    );
  });
});
