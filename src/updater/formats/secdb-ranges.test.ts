import { describe, expect, it } from 'vitest';
import { SCHEMES } from '../../versions/index.ts';
import { misprintedStart, secdbRanges } from './secdb-ranges.ts';

/** Returns the status of a version; undefined if the version is not affected. */
function stateOf(installed: string, ...versions: readonly string[]): string | undefined {
  const { key } = SCHEMES.apk;
  const isIn = (introduced: string | undefined, fixed: string | undefined): boolean =>
    (introduced === undefined || Buffer.compare(key(introduced), key(installed)) <= 0) &&
    (fixed === undefined || Buffer.compare(key(installed), key(fixed)) < 0);
  const found = secdbRanges(versions).filter(({ introduced, fixed }) => isIn(introduced, fixed));
  expect(found.length).toBeLessThan(2);
  return found[0]?.status;
}

describe('a fix in a version that apk rejects', () => {
  // Most cases are misprints in the Alpine security database.
  it.each<[misprint: string, affected: string, unsure: string, fixed: string]>([
    ['4.8.0.-r1', '4.7.9-r9', '4.8.0-r0', '4.9.1-r0'],
    ['4.8.0.-r1', '4.7', '4.8.0-r9', '4.8.1'],
    ['4.8.0.-r1', '4.8_rc1', '4.8.0_p1-r1', '5.0-r0'],
    ['4.10-1-r1', '4.9.1', '4.10-r1', '4.11-r0'],
    ['10.2.24.r0', '10.2.9-r3', '10.2.24-r0', '10.2.25-r0'],
    ['1.2.31-0', '1.2.30-r9', '1.2.31-r0', '1.2.32-r0'],
    ['2.7.16-33', '2.7.9', '2.7.16-r5', '2.8'],
    ['2021-03-27-r5', '2020.12', '2021-r1', '2022'],
    ['57-1-r2', '56.9', '57-r2', '58'],
    ['2.15.r-r1', '2.14-r9', '2.15-r1', '2.16'],
    ['1.18.-r2', '1.17.9', '1.18.1-r0', '1.19'],
    ['1.0bc', '1.0a', '1.0c', '1.1'],
    ['1.09.x', '1.08', '1.09-r1', '1.10'],
    ['9007199254740993.x', '9007199254740992', '9007199254740993-r1', '9007199254740994'],
  ])('%s: %s is affected, %s is unknown, %s is fixed', (misprint, affected, unsure, fixed) => {
    expect([affected, unsure, fixed].map((version) => stateOf(version, misprint))).toEqual([
      'fixed',
      'unknown',
      undefined,
    ]);
  });

  it.each<[string, readonly string[], string, string | undefined]>([
    ['only a higher valid fix is used', ['4.8.0.-r1', '5.0-r0'], '4.9.1', 'fixed'],
    ['nothing is affected above a higher valid fix', ['4.8.0.-r1', '5.0-r0'], '5.0-r0', undefined],
    ['a lower valid fix leaves the range unknown', ['4.8.0.-r1', '4.1-r0'], '4.8.0-r0', 'unknown'],
    ['a fix within the unknown range narrows it', ['4.8.0.-r1', '4.8.0-r7'], '4.8.0-r6', 'fixed'],
    ['versions above a fix within the unknown range stay unknown', ['4.8.0.-r1', '4.8.0-r7'], '4.8.0-r8', 'unknown'],
    ['the higher of two invalid fixes is used', ['4.8.0.-r1', '4.10-1-r1'], '4.10-r0', 'unknown'],
    ['all versions are unknown if the fix has no valid beginning', ['r1', '2-r0'], '9', 'unknown'],
  ])('%s', (_, versions, installed, expected) => expect(stateOf(installed, ...versions)).toBe(expected));

  it('has no start if it does not start with a number', () => {
    expect(['', 'v1', '-r1', '.1'].map(misprintedStart)).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('is read only up to the relevant length', () => {
    expect(misprintedStart(`1.2${'x'.repeat(1_000_000)}`)).toEqual({ version: '1.2x', next: '1.3' });
  });
});
