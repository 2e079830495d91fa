import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { semver } from './semver.ts';
import { describeOracleOrder } from './testing/oracle-order.ts';
import { compareBySemver, SEMVER_PIECES, semverVersions } from './testing/semver-rule.ts';
import { compareKeys, describeKeyLaws, hexOrErrorCode } from './testing/version-laws.ts';

describe('the order of keys is the order of Semantic Versioning', () => {
  /** Each row ascends strictly from left to right. */
  it.each<[rule: string, ...ascending: string[]]>([
    [
      'the example of semver.org',
      '1.0.0-alpha',
      '1.0.0-alpha.1',
      '1.0.0-alpha.beta',
      '1.0.0-beta',
      '1.0.0-beta.2',
      '1.0.0-beta.11',
      '1.0.0-rc.1',
      '1.0.0',
    ],
    [
      'numbers are compared as numbers',
      '0.10.0',
      '0.99.0',
      '1.0.0',
      '1.0.2',
      '1.0.10',
      '1.2.0',
      '2.7.2',
      '3.0.0',
      '10.0.0',
    ],
    ['a pre-release is below its release', '1.2.2', '1.2.3-0', '1.2.3-rc.1', '1.2.3', '1.2.4-0', '1.2.4'],
    ['the lowest pre-release of all', '0.0.0-0', '0.0.0-0.0', '0.0.0-1', '0.0.0-a', '0.0.0', '0.0.1-0'],
    ['a hyphen belongs to the identifier', '1.2.3-4', '1.2.3-4-foo', '1.2.3-5-Foo', '1.2.3-5-foo'],
    ['the first difference determines the order', '1.2.3-a.b.c.5.d.100', '1.2.3-a.b.c.10.d.5'],
    ['identifiers with letters are compared as text', '1.2.3-R2', '1.2.3-r', '1.2.3-r100', '1.2.3-r2'],
    ['numbers are below texts', '1.2.3-0', '1.2.3-4', '1.2.3-99999', '1.2.3--', '1.2.3-0a', '1.2.3-A', '1.2.3-asdf'],
    [
      'a shorter list is below a longer one',
      '1.0.0-a',
      '1.0.0-a.0',
      '1.0.0-a.0.0',
      '1.0.0-a.a',
      '1.0.0-a-',
      '1.0.0-aa',
    ],
    ['numbers above 2^53 are exact', '1.0.9007199254740992', '1.0.9007199254740993', '1.0.18446744073709551616'],
    ['also in a pre-release', '1.0.0-18446744073709551615', '1.0.0-18446744073709551616', '1.0.0-a'],
  ])('%s', (_rule, ...ascending) => {
    const keys = ascending.map((version) => hexOrErrorCode(semver, version));
    expect(keys).toEqual(keys.toSorted());
    expect(new Set(keys).size).toBe(keys.length);
  });

  it.each([
    ['build metadata is ignored', '1.2.3+build', '1.2.3+otherbuild'],
    ['build metadata after a pre-release', '1.2.3-rc.1', '1.2.3-rc.1+sha.5-1'],
    ['a prefix before the numbers', '1.2.3', 'v1.2.3'],
    ['several prefixes', '1.2.3-a', ' = v1.2.3-a '],
    ['leading zeros', '1.2.3', '01.002.03'],
    ['leading zeros in a pre-release', '1.2.3-rc.1', '1.2.3-rc.01'],
  ])('%s: %j and %j have the same key', (_rule, one, other) => {
    expect(semver.key(one)).toEqual(semver.key(other));
  });

  it.each([252, 253, 254, 255, 256, 257, 1017])(
    'a number of %i digits is below a number with one more digit',
    (digits) => {
      expect(compareKeys(semver, `1.1.${'9'.repeat(digits)}`, `1.1.1${'0'.repeat(digits)}`)).toBe(-1);
      expect(compareKeys(semver, `1.1.${'8'.repeat(digits)}`, `1.1.${'8'.repeat(digits - 1)}9`)).toBe(-1);
    },
  );
});

describeOracleOrder(
  semver,
  new URL('testdata/semver-order.txt', import.meta.url),
  (version) => /(?:^|[v.=\s-])0+\d/.test(version) || /^[v=\s]+/.test(version),
);

describe('the bytes of a key', () => {
  it.each([
    ['0.0.0', '00 00 00 02'],
    ['1.20.0', '01 31 02 32 30 00 02'],
    ['0.0.0-0', '00 00 00 01 02 00 01'],
    ['1.2.3-rc-1.0.15+b', '01 31 01 32 01 33 01 03 72 63 2d 31 02 00 02 02 31 35 01'],
    [`0.0.${'7'.repeat(253)}`, `00 00 fd ${'37'.repeat(253)} 02`],
    [`0.0.${'7'.repeat(254)}`, `00 00 fe 00fe ${'37'.repeat(254)} 02`],
    [`0.0.${'7'.repeat(1020)}`, `00 00 fe 03fc ${'37'.repeat(1020)} 02`],
  ])('%j', (version, bytes) => {
    expect(hexOrErrorCode(semver, version)).toBe(bytes.replaceAll(' ', ''));
  });
});

describe('rejects versions that are not comparable', () => {
  it.each([
    ['', 'is empty'],
    [' \t', 'is empty'],
    ['latest', 'does not start with three numbers'],
    ['1', 'does not start with three numbers'],
    ['1.0', 'does not start with three numbers'],
    ['1.0-rc.1', 'does not start with three numbers'],
    ['2.0.x', 'does not start with three numbers'],
    ['*', 'does not start with three numbers'],
    ['^1.2.3', 'does not start with three numbers'],
    ['>=1.2.3', 'does not start with three numbers'],
    ['V1.2.3', 'does not start with three numbers'],
    ['nightly.2026-03-10.0', 'does not start with three numbers'],
    ['git+https://example.com/a.git', 'does not start with three numbers'],
    ['1.0.0.1', 'continues with ".1"'],
    ['1.0.0.beta.3', 'continues with ".beta.3"'],
    ['1.9.0b1', 'continues with "b1"'],
    ['1.2.3-', 'continues with "-"'],
    ['1.2.3-a..b', 'continues with "..b"'],
    ['1.2.3-a_b', 'continues with "_b"'],
    ['1.2.3-ä', 'continues with "-ä"'],
    ['1.2.3+', 'continues with "+"'],
    ['1.2.3+a+b', 'continues with "+b"'],
    ['1.2.3 - 2.0.0', 'continues with " - 2.0.0"'],
    ['1.2.3 || 1.2.4', 'continues with " || 1.2.4"'],
    [`1.2.${'1'.repeat(1021)}`, 'is longer than 1024 characters'],
  ])('%j %s', (version, rule) => {
    const refusal = expect.objectContaining({ code: 'version/invalid', message: expect.stringContaining(rule) });
    expect(() => semver.key(version)).toThrow(refusal);
  });
});

describeKeyLaws({
  scheme: semver,
  compareByRule: compareBySemver,
  versions: semverVersions(),
  piece: fc.constantFrom(...SEMVER_PIECES),
  nearCharacters: ['0', '1', '.', '1.0.0', '-', '+', 'a', 'v', '=', '\n', ' '],
  wholeKey: /^(?!ff)[0-9a-f]+0[12]$/,
});
