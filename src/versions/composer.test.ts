import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { composerNormalForm } from './composer/normal-form.ts';
import { composer } from './composer.ts';
import { compareByPhp, COMPOSER_PIECES, composerVersions } from './testing/composer-rule.ts';
import { describeOracleOrder } from './testing/oracle-order.ts';
import { compareKeys, describeKeyLaws, hexOrErrorCode } from './testing/version-laws.ts';

describe('the order of keys is the order of Composer', () => {
  /** Each row ascends strictly from left to right. */
  it.each<[rule: string, ...ascending: string[]]>([
    ['numbers are compared as numbers', '1.0.1', '1.2', '1.25.0', '1.26.0', '1.100', '2'],
    ['words before and after the release', '1.0-dev', '1.0a1', '1.0b1', '1.0RC1', '1.0', '1.0pl1'],
    [
      'words are ordered stable, dev, alpha, beta, RC, end, patch',
      '1-Stable',
      '1-dev',
      '1-a',
      '1-b',
      '1-RC',
      '1',
      '1-p',
    ],
    ['words have numbers', '1.0.0-beta', '1.0.0-beta4', '1.0.0-beta5', '1.0.0-beta10', '1.0.0-beta10.1', '1.0.0-RC1'],
    [
      'a development version comes before its pre-release',
      '1.0-beta2-dev',
      '1.0-beta2',
      '1.0-beta2.1-dev',
      '1.0-beta2.1',
    ],
    ['a development version comes before its release', '1.0.0', '1.2-dev', '1.2'],
    ['dates', '2010-01-02', '2010.01.02', '2010-01-02-10', '2010.01.03', '20100102', '20100103', '201001021530'],
    [
      'the branch of a version line comes after its releases',
      '1.9',
      '1.9999.1',
      '1.x-dev',
      '2.0-dev',
      '2.0.x-dev',
      '2.1',
    ],
    ['a patch comes after its release and before the next', '1.0.0', '1.0.0-p1', '1.0.0-p2', '1.0.0.1', '1.0.1'],
    ['numbers up to 2^63 - 1 are exact', '0.9007199254740992', '0.9007199254740993', '0.9223372036854775807'],
  ])('%s', (_rule, ...ascending) => {
    const keys = ascending.map((version) => hexOrErrorCode(composer, version));
    expect(keys).toEqual(keys.toSorted());
    expect(new Set(keys).size).toBe(keys.length);
  });

  it.each([
    ['absent numbers are 0', '1', '1.0.0'],
    ['absent numbers are 0', '1.0', '1.0.0.0'],
    ['the case of words is ignored', '1.0RC1', '1.0rc1'],
    ['a leading v is ignored', 'v1.0pl1', '1.0pl1'],
    ['words have short forms', '1.25.0-beta2.1', '1.25.0-b.2.1'],
    ['words have short forms', '1.0.0-p1', '1.0.0-patch1'],
    ['words have short forms', '1.0.0-a1', '1.0.0_ALPHA1'],
    ['leading zeros of a number are ignored', '1.2', '01.002'],
    ['stable in lower case is ignored', '1.0-stable', '1.0'],
    ['build metadata is ignored', '1.0+build.5', '1.0'],
    ['a stability flag is ignored', '1.0@beta', '1.0'],
    ['an alias is ignored', '1.0 as 2.0', '1.0'],
    ['blanks around a version are ignored', ' \t\n\r\v1.0 \n', '1.0'],
    ['numbers above 2^63 - 1 are equal', '0.9223372036854775807', '0.9223372036854775808'],
    ['numbers above 2^63 - 1 are equal', `0.${'9'.repeat(1000)}`, '0.18446744073709551616'],
  ])('%s: %j and %j have the same key', (_rule, one, other) => {
    expect(hexOrErrorCode(composer, one)).toBe(hexOrErrorCode(composer, other));
    expect(hexOrErrorCode(composer, one)).not.toBe('version/invalid');
  });

  it.each([1, 2, 9, 10, 17])('a number of %i digits is below a number with one more digit', (digits) => {
    expect(compareKeys(composer, `1.${'9'.repeat(digits)}`, `1.1${'0'.repeat(digits)}`)).toBe(-1);
    expect(compareKeys(composer, `1.${'8'.repeat(digits)}`, `1.8${'8'.repeat(digits - 1)}9`)).toBe(-1);
  });
});

describe('the bytes of a key', () => {
  it.each([
    ['1', '07 01 31 07 00 07 00 07 00 06'],
    ['1.20.3.4', '07 01 31 07 02 32 30 07 01 33 07 01 34 06'],
    ['1-Stable', '07 01 31 07 00 07 00 07 00 01 06'],
    ['1-dev', '07 01 31 07 00 07 00 07 00 02 06'],
    ['1-alpha1', '07 01 31 07 00 07 00 07 00 03 07 01 31 06'],
    ['1-b.1.2-dev', '07 01 31 07 00 07 00 07 00 04 07 01 31 07 01 32 02 06'],
    ['1-rc', '07 01 31 07 00 07 00 07 00 05 06'],
    ['1-p3', '07 01 31 07 00 07 00 07 00 08 07 01 33 06'],
  ])('%j', (version, bytes) => {
    expect(hexOrErrorCode(composer, version)).toBe(bytes.replaceAll(' ', ''));
  });
});

describe('the normal form of a version', () => {
  it.each([
    ['1', '1.0.0.0'],
    ['v1.2.3', '1.2.3.0'],
    ['1.2.3.4', '1.2.3.4'],
    ['00.01', '00.01.0.0'],
    ['99999', '99999.0.0.0'],
    ['1.0-beta', '1.0.0.0-beta'],
    ['1.0.b-2.1', '1.0.0.0-beta2.1'],
    ['1.0_PL3', '1.0.0.0-patch3'],
    ['1.0-RC1-dev', '1.0.0.0-RC1-dev'],
    ['1.0dev', '1.0.0.0-dev'],
    ['1.0-stable-dev', '1.0.0.0'],
    ['1.0-STABLE2', '1.0.0.0-stable2'],
    ['1.0.', '1.0.0.0'],
    ['20100102', '20100102'],
    ['2010-01-02', '2010.01.02'],
    ['2010-01-02.5', '2010.01.02.5'],
    ['20100102-203040-p1', '20100102.203040-patch1'],
    ['2010-01-02-10-20-30.5-beta', '2010.01.02.10.20.30.5-beta'],
    ['1.x-dev', '1.9999999.9999999.9999999-dev'],
    ['v1.0.x-dev', '1.0.9999999.9999999-dev'],
    ['2.1.*-dev', '2.1.9999999.9999999-dev'],
    ['1.X.X.X.dev', '1.9999999.9999999.9999999-dev'],
    ['123456', '123456'],
    ['12345678901234567890123-dev', '12345678901234567890123.9999999.9999999.9999999-dev'],
    ['1.x-dev as 1.0', '1.9999999.9999999.9999999-dev'],
    ['1.0@RC', '1.0.0.0'],
    ['1.0-beta+exp.sha.5114f85', '1.0.0.0-beta'],
  ])('%j is %j', (version, normalForm) => {
    expect(composerNormalForm(version)).toBe(normalForm);
  });
});

describe('rejects branches and versions that Composer rejects', () => {
  it.each([
    ['dev-main', 'is a branch'],
    ['DEV-feature/x', 'is a branch'],
    ['dev-1.x', 'is a branch'],
    ['dev-main as 1.0', 'is a branch'],
    ['dev-', 'is a branch'],
    ['master', 'is a branch'],
    ['trunk@dev', 'is a branch'],
    ['default', 'is a branch'],
    ['', 'is not a valid Composer version'],
    [' ', 'is not a valid Composer version'],
    ['Master', 'is not a valid Composer version'],
    ['feature-dev', 'is not a valid Composer version'],
    ['@dev', 'is not a valid Composer version'],
    ['a', 'is not a valid Composer version'],
    ['.1', 'is not a valid Composer version'],
    ['1..0', 'is not a valid Composer version'],
    ['1.0.0.0.0', 'is not a valid Composer version'],
    ['1.x', 'is not a valid Composer version'],
    ['1.0.x.1.2-dev', 'is not a valid Composer version'],
    ['1.0-foo', 'is not a valid Composer version'],
    ['1.0-1', 'is not a valid Composer version'],
    ['1.0-beta-foo', 'is not a valid Composer version'],
    ['1.0+', 'is not a valid Composer version'],
    ['1.0,2.0', 'is not a valid Composer version'],
    ['1 0', 'is not a valid Composer version'],
    ['12345678901234567890123', 'is not a valid Composer version'],
    ['^1.0', 'is not a valid Composer version'],
    ['1.0\n@dev', 'contains a character that is not printable ASCII'],
    ['1\u00000', 'contains a character that is not printable ASCII'],
    ['1.0+é', 'contains a character that is not printable ASCII'],
    ['١', 'contains a character that is not printable ASCII'],
    ['1'.repeat(1025), 'is longer than 1024 characters'],
  ])('%j %s', (version, rule) => {
    const refusal = expect.objectContaining({ code: 'version/invalid', message: expect.stringContaining(rule) });
    expect(() => composer.key(version)).toThrow(refusal);
  });

  it('quotes the version', () => {
    expect(() => composer.key('1 "0"')).toThrow(
      'The version "1 \\"0\\"" is not a valid Composer version (example: 1.2.3-beta1).',
    );
  });
});

describeOracleOrder(composer, new URL('testdata/composer-order.txt', import.meta.url));

describeKeyLaws({
  scheme: composer,
  compareByRule: compareByPhp,
  versions: composerVersions(),
  piece: fc.constantFrom('', ...COMPOSER_PIECES),
  nearCharacters: ['0', '1', '.', '-', '+', '@', 'x', 'b', 'rc', 'dev', 'v', '\n', ' '],
  wholeKey: /^07[0-9a-f]+06$/,
});
