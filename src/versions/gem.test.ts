import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareByGem, GEM_PIECES, gemVersions } from './testing/gem-rule.ts';
import { describeOracleOrder } from './testing/oracle-order.ts';
import { compareKeys, describeKeyLaws, hexOrErrorCode } from './testing/version-laws.ts';
import { gem } from './gem.ts';

describe('the order of keys is the order of RubyGems', () => {
  /** Each row ascends strictly from left to right. */
  it.each<[rule: string, ...ascending: string[]]>([
    ['numbers are compared as numbers', '1.2', '3.2', '3.10', '3.100', '4'],
    ['a further number is later', '5.2.4', '5.2.4.3', '5.2.5', '6.1.2.1', '6.1.3'],
    ['a version with letters is a pre-release', '0.9', '1.0.a.2', '1.0.b1', '1.0', '1.0.1.a', '1.0.1'],
    ['pre-releases have numbers', '1.8.2.a9', '1.8.2.a10', '1.8.2.b', '1.8.2'],
    ['a separated number is the same element', '1.0.a.9', '1.0.a10', '1.0.b'],
    ['letters are compared as text, upper case first', '1.A', '1.Z', '1.a', '1.aa', '1.ab', '1.b', '1'],
    ['a hyphen starts a pre-release', '1.0.0-beta', '1.0.0-rc', '1.0.0-1', '1.0.0', '1.2.4.beta', '1.2.4'],
    ['a zero before letters is below the end, a zero before a number above', '1.1.a', '1.1.0.1.a', '1.1.0.1', '1.1.1'],
    ['only the first run of zeros before letters is ignored', '1.0.a.b', '1.0.a.0.b', '1.0.a', '1.0.a.0.1', '1.0.a.1'],
    ['0 is the lowest release', '0.a', '0', '0.0.1', '0.1', '1'],
    [
      'numbers beyond 2^53 are exact',
      '9007199254740992',
      '9007199254740993',
      '999999999999999999999999999991',
      '999999999999999999999999999999',
    ],
  ])('%s', (_rule, ...ascending) => {
    const keys = ascending.map((version) => hexOrErrorCode(gem, version));
    expect(keys).toEqual(keys.toSorted());
    expect(new Set(keys).size).toBe(keys.length);
  });

  it.each([
    ['zeros at the end are ignored', '1.0', '1'],
    ['zeros at the end are ignored', '1.0.0', '1'],
    ['zeros at the end of a pre-release are ignored', '1.0.0.a.1.0', '1.0.0.a.1'],
    ['zeros after letters at the end are ignored', '1.a', '1.a00'],
    ['zeros before letters are ignored', '1.a', '1.0.0.a'],
    ['zeros before the first letters are ignored', '0.0.a', '0.a'],
    ['a separator between letters and a number is ignored', '1.0.a2', '1.0.a.2'],
    ['leading zeros of a number are ignored', '1.2', '01.002'],
    ['a hyphen is the word pre', '1.0.0-beta', '1.0.0.pre.beta'],
    ['blanks around a version are ignored', ' \t\n\r\f\v1.0 \n', '1.0'],
  ])('%s: %j and %j have the same key', (_rule, one, other) => {
    expect(hexOrErrorCode(gem, one)).toBe(hexOrErrorCode(gem, other));
    expect(hexOrErrorCode(gem, one)).not.toBe('version/invalid');
  });

  it.each([252, 253, 254, 255, 256, 257, 511, 512, 1023])(
    'a number of %i digits is below a number with one more digit',
    (digits) => {
      expect(compareKeys(gem, '9'.repeat(digits), `1${'0'.repeat(digits)}`)).toBe(-1);
      expect(compareKeys(gem, '8'.repeat(digits), `8${'8'.repeat(digits - 2)}9`)).toBe(-1);
    },
  );
});

describe('the bytes of a key', () => {
  it.each([
    ['0', '03'],
    ['0.0', '03'],
    ['1', '05 01 31 03'],
    ['1.20', '05 01 31 05 02 32 30 03'],
    ['1.0.0.2', '05 01 31 04 04 05 01 32 03'],
    ['1.Ab.0.2', '05 01 31 01 41 62 00 04 05 01 32 03'],
    ['1.0.a.0.b', '05 01 31 01 61 00 02 01 62 00 03'],
    ['1-2', '05 01 31 01 70 72 65 00 05 01 32 03'],
    ['7'.repeat(253), `05 fd ${'37'.repeat(253)} 03`],
    ['7'.repeat(1024), `05 fe 0400 ${'37'.repeat(1024)} 03`],
  ])('%j', (version, bytes) => {
    expect(hexOrErrorCode(gem, version)).toBe(bytes.replaceAll(' ', ''));
  });
});

describe('rejects versions that RubyGems rejects', () => {
  it.each([
    ['', 'is not a valid RubyGems version'],
    [' ', 'is not a valid RubyGems version'],
    ['a', 'is not a valid RubyGems version'],
    ['v1', 'is not a valid RubyGems version'],
    ['.1', 'is not a valid RubyGems version'],
    ['1.', 'is not a valid RubyGems version'],
    ['1..0', 'is not a valid RubyGems version'],
    ['1a', 'is not a valid RubyGems version'],
    ['1-', 'is not a valid RubyGems version'],
    ['1-a.', 'is not a valid RubyGems version'],
    ['1.-a', 'is not a valid RubyGems version'],
    ['-1', 'is not a valid RubyGems version'],
    ['1_0', 'is not a valid RubyGems version'],
    ['1.18.2-x86_64-linux', 'is not a valid RubyGems version'],
    ['1+1', 'is not a valid RubyGems version'],
    ['1 0', 'is not a valid RubyGems version'],
    ['1\n1', 'is not a valid RubyGems version'],
    ['1\u00000', 'is not a valid RubyGems version'],
    ['١', 'is not a valid RubyGems version'],
    ['1.é', 'is not a valid RubyGems version'],
    ['1.\u017f', 'is not a valid RubyGems version'],
    ['\u00a01', 'is not a valid RubyGems version'],
    ['1'.repeat(1025), 'is longer than 1024 characters'],
  ])('%j %s', (version, rule) => {
    const refusal = expect.objectContaining({ code: 'version/invalid', message: expect.stringContaining(rule) });
    expect(() => gem.key(version)).toThrow(refusal);
  });

  it('quotes the version', () => {
    expect(() => gem.key('1 "0"')).toThrow(
      'The version "1 \\"0\\"" is not a valid RubyGems version (example: 1.2.3.rc1).',
    );
  });
});

describeOracleOrder(gem, new URL('testdata/gem-order.txt', import.meta.url));

describeKeyLaws({
  scheme: gem,
  compareByRule: compareByGem,
  versions: gemVersions(),
  piece: fc.constantFrom('', ...GEM_PIECES),
  nearCharacters: ['0', '1', '.', '-', 'a', 'Z', '\n', ' '],
  wholeKey: /^(0[1-5][0-9a-f]+)?03$/,
});
