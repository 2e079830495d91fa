import { describe, expect, it } from 'vitest';
import { SCHEMES } from '../../versions/index.ts';
import type { AffectedPackage } from '../../model/advisories/advisory.ts';
import { withoutListedFixes } from './listed-fixes.ts';

const { key } = SCHEMES.rpm;

function affected(fields: Partial<AffectedPackage>): AffectedPackage {
  return { namespace: 'almalinux:8', package: 'gears', severity: 'High', status: 'fixed', ...fields };
}

/** Returns the fixed version for the version `installed`; undefined if `installed` is not affected. */
function fixOf(installed: string, ...builds: readonly string[]): string | undefined {
  const found = withoutListedFixes(builds.map((fixed) => affected({ fixed }))).filter(
    ({ introduced, fixed = '' }) =>
      (introduced === undefined || Buffer.compare(key(introduced), key(installed)) <= 0) &&
      Buffer.compare(key(installed), key(fixed)) < 0,
  );
  expect(found.length).toBeLessThan(2);
  return found[0]?.fixed;
}

describe('an advisory that lists several fixed builds', () => {
  const [ALMA, PLUS] = ['91.3.0-2.el8_4.alma', '91.3.0-2.el8_4.alma.plus'];

  it.each<[string, string | undefined]>([
    ['91.3.0-1.el8_4.alma', ALMA],
    ['91.3.0-2.el8_4', ALMA],
    [ALMA, undefined],
    [`0:${ALMA}`, undefined],
    // rpm sorts letters before numbers, so this version is between the two builds, and the next version is above both
    // builds.
    ['91.3.0-2.el8_4.alma.a', PLUS],
    ['91.3.0-2.el8_4.alma.1', undefined],
    [PLUS, undefined],
    ['91.3.0-3.el8_4.alma', undefined],
    ['92-1', undefined],
    ['1:1-1', undefined],
  ])('fixes %s in %s', (installed, fix) => {
    expect(fixOf(installed, ALMA, PLUS)).toBe(fix);
    expect(fixOf(installed, PLUS, ALMA, ALMA)).toBe(fix);
  });

  it.each<[string, readonly Partial<AffectedPackage>[], readonly Partial<AffectedPackage>[]]>([
    ['one build', [{ fixed: '2-1' }], [{ fixed: '2-1' }]],
    ['one build twice', [{ fixed: '2-1' }, { fixed: '0:2-01' }], [{ fixed: '2-1' }]],
    ['no fix and one build', [{ fixed: '2-1' }, {}], [{}]],
    ['a build without a release', [{ fixed: '2' }, { fixed: '3-1' }], [{ fixed: '3-1' }]],
    [
      'three builds',
      [{ fixed: '3-1' }, { fixed: '1-1' }, { fixed: '1:0-1' }],
      [{ fixed: '1-1' }, { introduced: '1-1^', fixed: '3-1' }, { introduced: '3-1^', fixed: '1:0-1' }],
    ],
    [
      'builds of two streams',
      [
        { fixed: '2-1', module: 'gears:1' },
        { fixed: '3-1', module: 'gears:2' },
      ],
      [
        { fixed: '2-1', module: 'gears:1' },
        { fixed: '3-1', module: 'gears:2' },
      ],
    ],
  ])('keeps the intervals: %s', (_, given, expected) => {
    expect(withoutListedFixes(given.map(affected))).toEqual(expected.map(affected));
  });
});
