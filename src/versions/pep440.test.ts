import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareByPep440, PEP440_PIECES, pep440Versions } from './testing/pep440-rule.ts';
import { describeOracleOrder } from './testing/oracle-order.ts';
import { compareKeys, describeKeyLaws, hexOrErrorCode } from './testing/version-laws.ts';
import { pep440 } from './pep440.ts';

describe('the order of keys is the order of PEP 440', () => {
  /** Each row ascends strictly from left to right. */
  it.each<[rule: string, ...ascending: string[]]>([
    [
      'the suffixes of one release',
      '1.0.dev456',
      '1.0a1',
      '1.0a2.dev456',
      '1.0a12.dev456',
      '1.0a12',
      '1.0b1.dev456',
      '1.0b2',
      '1.0b2.post345.dev456',
      '1.0b2.post345',
      '1.0rc1.dev456',
      '1.0rc1',
      '1.0rc2',
      '1.0c3',
      '1.0',
      '1.0+abc.5',
      '1.0+abc.7',
      '1.0+5',
      '1.0.post456.dev34',
      '1.0.post456',
      '1.0.15',
      '1.1.dev1',
    ],
    ['numbers are compared as numbers', '1.2', '1.9', '1.10', '1.100', '2'],
    ['a development release comes before all pre-releases', '1.0.dev0', '1.0.dev10', '1.0a0.dev0', '1.0a0', '1.0'],
    ['a development release of a post-release comes after the release', '1.0', '1.0.post1.dev0', '1.0.post1'],
    ['a post-release of a pre-release comes before the release', '1.0a1', '1.0a1.post1', '1.0a2', '1.0'],
    ['a further number is later', '1.0', '1.0.0.1', '1.0.1', '1.0.1.1', '1.1'],
    ['a local version is between its release and the next', '2.1.0', '2.1.0+cu118', '2.1.0+cu121', '2.1.1'],
    [
      'local parts are text, then numbers, shorter first',
      '1+a',
      '1+a.a',
      '1+a.0',
      '1+ab',
      '1+0',
      '1+0.a',
      '1+0.0',
      '1+10',
    ],
    ['the epoch is compared first', '2012.15', '1!1.0', '1!2.0', '2!0', '10!0'],
    ['numbers beyond 2^53 are exact', '9007199254740992', '9007199254740993', '18446744073709551616'],
  ])('%s', (_rule, ...ascending) => {
    const keys = ascending.map((version) => hexOrErrorCode(pep440, version));
    expect(keys).toEqual(keys.toSorted());
    expect(new Set(keys).size).toBe(keys.length);
  });

  it.each([
    ['zeros at the end are ignored', '1.0', '1.0.0'],
    ['a version of zeros is 0', '0', '0.0.0'],
    ['leading zeros are ignored', '1.1', '01.001'],
    ['a number alone is a post-release', '1.0-1', '1.0.post1'],
    ['absent numbers are 0', '1.0a.post.dev', '1.0a0.post0.dev0'],
    ['words have short forms', '1.0alpha', '1.0a0'],
    ['words have short forms', '1.0beta2', '1.0b2'],
    ['c, pre and preview are rc', '1.0c1', '1.0pre1'],
    ['c, pre and preview are rc', '1.0preview1', '1.0rc1'],
    ['rev and r are post', '1.0.rev3', '1.0-r3'],
    ['the kind of separator is ignored', '1.0-a_1.post-2_dev.3', '1.0a1.post2.dev3'],
    ['the kind of separator in a local version is ignored', '1.0+ubuntu.1', '1.0+ubuntu-1'],
    ['the case of letters is ignored', '1.0RC1+ABC', '1.0rc1+abc'],
    ['a leading v is ignored', 'v1.0', '1.0'],
    ['an absent epoch is 0', '0!1.0', '1.0'],
    ['blanks around a version are ignored', ' \t\n\r\f\v1.0 \n', '1.0'],
  ])('%s: %j and %j have the same key', (_rule, one, other) => {
    expect(hexOrErrorCode(pep440, one)).toBe(hexOrErrorCode(pep440, other));
    expect(hexOrErrorCode(pep440, one)).not.toBe('version/invalid');
  });

  it.each([252, 253, 254, 255, 256, 257, 511, 512, 1023])(
    'a number of %i digits is below a number with one more digit',
    (digits) => {
      expect(compareKeys(pep440, '9'.repeat(digits), `1${'0'.repeat(digits)}`)).toBe(-1);
      expect(compareKeys(pep440, '8'.repeat(digits), `8${'8'.repeat(digits - 2)}9`)).toBe(-1);
    },
  );
});

describe('the bytes of a key', () => {
  it.each([
    ['0', '00 01 05 01 02 01'],
    ['1', '00 02 01 31 01 05 01 02 01'],
    ['1.0.2.0', '00 02 01 31 02 00 02 01 32 01 05 01 02 01'],
    ['258!1', '03 32 35 38 02 01 31 01 05 01 02 01'],
    ['1a0', '00 02 01 31 01 02 00 01 02 01'],
    ['1b2', '00 02 01 31 01 03 01 32 01 02 01'],
    ['1rc3', '00 02 01 31 01 04 01 33 01 02 01'],
    ['1.dev4', '00 02 01 31 01 01 01 01 01 34 01'],
    ['1.post5.dev4', '00 02 01 31 01 05 02 01 35 01 01 34 01'],
    ['1+Ab.10', '00 02 01 31 01 05 01 02 03 61 62 00 04 02 31 30 02'],
    ['7'.repeat(253), `00 02 fd ${'37'.repeat(253)} 01 05 01 02 01`],
    ['7'.repeat(1024), `00 02 fe 0400 ${'37'.repeat(1024)} 01 05 01 02 01`],
  ])('%j', (version, bytes) => {
    expect(hexOrErrorCode(pep440, version)).toBe(bytes.replaceAll(' ', ''));
  });
});

describe('rejects versions that packaging rejects', () => {
  it.each([
    ['', 'does not follow PEP 440'],
    [' ', 'does not follow PEP 440'],
    ['2004d', 'does not follow PEP 440'],
    ['0.2.0-n653', 'does not follow PEP 440'],
    ['2019-09-12', 'does not follow PEP 440'],
    ['1.0.', 'does not follow PEP 440'],
    ['.1', 'does not follow PEP 440'],
    ['1..0', 'does not follow PEP 440'],
    ['1.0+', 'does not follow PEP 440'],
    ['1.0+a+b', 'does not follow PEP 440'],
    ['1.0+a..b', 'does not follow PEP 440'],
    ['1.0+a.', 'does not follow PEP 440'],
    ['1.0.post1a1', 'does not follow PEP 440'],
    ['1.0.dev1.post1', 'does not follow PEP 440'],
    ['1.0a1b1', 'does not follow PEP 440'],
    ['1.0-final', 'does not follow PEP 440'],
    ['1!2!3', 'does not follow PEP 440'],
    ['!1', 'does not follow PEP 440'],
    ['vv1', 'does not follow PEP 440'],
    ['v 1', 'does not follow PEP 440'],
    ['1 0', 'does not follow PEP 440'],
    ['1\u00000', 'does not follow PEP 440'],
    ['١', 'does not follow PEP 440'],
    ['1.0.po\u017ft1', 'does not follow PEP 440'],
    ['1.0+\u212a', 'does not follow PEP 440'],
    ['\u00a01', 'does not follow PEP 440'],
    ['1'.repeat(1025), 'is longer than 1024 characters'],
  ])('%j %s', (version, rule) => {
    const refusal = expect.objectContaining({ code: 'version/invalid', message: expect.stringContaining(rule) });
    expect(() => pep440.key(version)).toThrow(refusal);
  });

  it('quotes the version, shortened', () => {
    expect(() => pep440.key('1 "0"')).toThrow('The version "1 \\"0\\"" does not follow PEP 440 (example: 1.2.3rc1).');
  });
});

describeOracleOrder(pep440, new URL('testdata/pep440-order.txt', import.meta.url));

describeKeyLaws({
  scheme: pep440,
  compareByRule: compareByPep440,
  versions: pep440Versions(),
  piece: fc.constantFrom('', ...PEP440_PIECES),
  nearCharacters: ['0', '1', '.', '-', '_', '+', '!', 'a', 'b', 'rc', 'post', 'dev', 'v', '\n', ' '],
  wholeKey: /^(?!ff)[0-9a-f]+0[12]$/,
});
