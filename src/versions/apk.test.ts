import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { APK_SUFFIXES, compareByApk } from './testing/apk-rule.ts';
import { compareKeys, describeKeyLaws, hexOrErrorCode } from './testing/version-laws.ts';
import { apk } from './apk.ts';

describe('the order of keys is the order of apk', () => {
  /** The versions of each row are in strictly ascending order. */
  it.each<[rule: string, ...ascending: string[]]>([
    ['numbers are compared as numbers', '0', '1', '2', '9', '10', '394', '20040406'],
    ['component by component', '0.7.3', '0.8', '0.9.12', '0.9.13', '0.12', '0.12.1', '0.12.3', '1.0.0', '1.0.1', '1.1'],
    ['a further component is later', '1', '1.0', '1.0.0', '1.0.0.0', '1.0.1', '1.1'],
    ['a component that starts with 0 is a fraction', '1.0', '1.00', '1.01', '1.010', '1.0100', '1.011', '1.09', '1.1'],
    ['fractions', '1.02.07', '1.02.10', '1.03', '1.2.07.8', '1.2.1', '1.2.12.04', '1.2.12.05', '1.19', '1.21'],
    ['the first number is never a fraction', '1', '02.08.01b', '4.77', '006', '013', '014-r1', '087', '103'],
    ['a letter follows the components', '1.7', '1.7a', '1.7b', '1.7z', '1.7.0', '1.7.1', '1.8.4', '6', '6b'],
    ['letters of releases', '0.9.8c-r1', '0.9.8d', '1.1.1', '1.1.1d-r3', '1.1.1k-r0', '1.1.1l-r0', '1.1.2'],
    [
      'a number may follow the letter',
      '1.9.5',
      '1.9.5p',
      '1.9.5p-r9',
      '1.9.5p1-r0',
      '1.9.5p2-r0',
      '1.9.5p10',
      '1.9.5q',
    ],
    ['numbers after the letter in the wild', '6.6.2p1-r0', '6.6.4p1-r1', '6.6.4p1-r2', '6.7.1p1-r1', '6.8.0p2-r0'],
    ['suffixes before the release', '1_alpha', '1_beta', '1_pre', '1_rc', '1'],
    ['suffixes after the release', '1', '1_cvs', '1_svn', '1_git', '1_hg', '1_p', '1a', '1.0'],
    ['numbers of suffixes', '1.3_alpha', '1.3_alpha0', '1.3_alpha1', '1.3_alpha2', '1.3_alpha8', '1.3_alpha10', '1.3'],
    ['dates of suffixes', '3.9_pre20060124', '3.9_pre20210530193627', '3.9', '3.9_git20200101', '3.9_git20210101'],
    ['patches', '4.2.52', '4.2.52_p2-r1', '4.2.52_p4-r2', '4.3_p2-r1', '4.3_p2-r5', '4.5_p1', '4.5_p1-r1', '5.1_p4'],
    ['patch 10 comes after patch 9', '1.0_p9-r0', '1.0_p10-r0', '1.6.8_p9-r2', '1.6.8_p12-r1'],
    ['suffixes after suffixes', '0.1.0_alpha_pre2', '0.1.0_alpha', '0.1.0_alpha-r1', '0.1.0_alpha1', '0.1.0_alpha_p1'],
    ['a pre-release of a patch', '1_p1_rc1', '1_p1', '1_p1-r0', '1_p1_p1', '1_p2'],
    ['a suffix after a letter', '2.25b_rc1', '2.25b', '2.25b-r5', '2.25b-r6', '2.25b_p1', '2.25c'],
    ['a revision comes after no revision', '1.2.2', '1.2.2-r0', '1.2.2-r1', '1.2.2-r2', '1.2.2-r10', '1.2.3'],
    [
      'a revision is compared last',
      '2.11',
      '2.11-r1',
      '2.11_p1',
      '2.11a',
      '2.11.0',
      '2.11.1-r0',
      '2.12r-r4',
      '2.12r-r5',
    ],
    ['a pre-release with revision', '1.0_rc1', '1.0_rc1-r0', '1.0_rc1-r7', '1.0_rc2-r0', '1.0', '1.0-r0'],
    [
      'a hash comes after a revision without a hash',
      '1',
      '1-r5',
      '1~0',
      '1~01',
      '1~0a',
      '1~0a-r0',
      '1~0b',
      '1~f',
      '1_cvs',
    ],
    ['a hash after a suffix', '1_git20200101', '1_git20200101-r1', '1_git20200101~abc', '1_git20200102'],
    ['numbers beyond 2^53 are exact', '9007199254740992', '9007199254740993', '18446744073709551616'],
  ])('%s', (_rule, ...ascending) => {
    const keys = ascending.map((version) => hexOrErrorCode(apk, version));
    expect(keys).toEqual(keys.toSorted());
    expect(new Set(keys).size).toBe(keys.length);
  });

  it.each([
    ['leading zeros of the first number are ignored', '6.1', '006.1'],
    ['the first number can be zero', '0', '000'],
    ['leading zeros after a suffix are ignored', '1_p1', '1_p001'],
    ['leading zeros after a letter are ignored', '1p1', '1p01'],
    ['leading zeros of a revision are ignored', '1-r0', '1-r00'],
  ])('%s: %j and %j have the same key', (_rule, one, other) => {
    expect(hexOrErrorCode(apk, one)).toBe(hexOrErrorCode(apk, other));
  });

  it.each([252, 253, 254, 255, 256, 257, 511, 512, 1021])(
    'a component of %i digits is below a component with one more digit',
    (digits) => {
      expect(compareKeys(apk, `1.${'9'.repeat(digits)}`, `1.1${'0'.repeat(digits)}`)).toBe(-1);
      expect(compareKeys(apk, `1.${'8'.repeat(digits)}`, `1.8${'8'.repeat(digits - 2)}9`)).toBe(-1);
    },
  );
});

describe('the bytes of a key', () => {
  it.each([
    ['0', '00 05'],
    ['1', '01 31 05'],
    ['1.20.0.03', '01 31 0f 02 32 30 0f 00 30 0f 00 30 33 05'],
    ['1a', '01 31 0e 61 05'],
    ['1p2-r0', '01 31 0e 70 0f 01 32 06 00 05'],
    ['1_alpha_beta_pre_rc', '01 31 01 02 03 04 05'],
    ['1_cvs_svn_git_hg_p', '01 31 09 0a 0b 0c 0d 05'],
    ['1_rc2_p0~0f-r12', '01 31 04 08 01 32 0d 08 00 07 30 66 06 02 31 32 05'],
    ['7'.repeat(253), `fd ${'37'.repeat(253)} 05`],
    ['7'.repeat(254), `fe 00fe ${'37'.repeat(254)} 05`],
    ['7'.repeat(1024), `fe 0400 ${'37'.repeat(1024)} 05`],
  ])('%j', (version, bytes) => {
    expect(hexOrErrorCode(apk, version)).toBe(bytes.replaceAll(' ', ''));
  });
});

describe('rejects versions that apk rejects', () => {
  it.each([
    ['', 'is empty'],
    [' 1', 'does not start with a number'],
    ['v1', 'does not start with a number'],
    ['.1', 'does not start with a number'],
    ['-r1', 'does not start with a number'],
    ['_p1', 'does not start with a number'],
    ['١', 'does not start with a number'],
    ['1:1', 'continues with ":1"'],
    ['1 ', 'continues with " "'],
    ['1\n', 'continues with "\\n"'],
    ['1.', 'continues with "."'],
    ['1..1', 'continues with "..1"'],
    ['1.0.-r0', 'continues with ".-r0"'],
    ['10.2.22.r0', 'continues with ".r0"'],
    ['1.0bc', 'continues with "c"'],
    ['1A', 'continues with "A"'],
    ['1a.1', 'continues with ".1"'],
    ['1a1.1', 'continues with ".1"'],
    ['1a1b', 'continues with "b"'],
    ['23_foo', 'continues with "_foo"'],
    ['1_', 'continues with "_"'],
    ['1_Alpha', 'continues with "_Alpha"'],
    ['1_alphabet', 'continues with "_alphabet"'],
    ['1_pr1', 'continues with "_pr1"'],
    ['1_p1.2', 'continues with ".2"'],
    ['1~', 'continues with "~"'],
    ['1~g', 'continues with "~g"'],
    ['1~A', 'continues with "~A"'],
    ['1~a~b', 'continues with "~b"'],
    ['1~a_p1', 'continues with "_p1"'],
    ['1-0', 'continues with "-0"'],
    ['1-r', 'continues with "-r"'],
    ['1-r1.2', 'continues with ".2"'],
    ['1-r1-r1', 'continues with "-r1"'],
    ['2021-03-27-r5', 'continues with "-03-27-r5"'],
    ['1'.repeat(1025), 'is longer than 1024 characters'],
  ])('%j %s', (version, rule) => {
    const refusal = expect.objectContaining({ code: 'version/invalid', message: expect.stringContaining(rule) });
    expect(() => apk.key(version)).toThrow(refusal);
  });

  it('quotes the version and the fault, both shortened', () => {
    expect(() => apk.key('1.0bc')).toThrow('The version "1.0bc" continues with "c", which apk does not allow.');
    const long = `1${'x'.repeat(200)}`;
    expect(() => apk.key(long)).toThrow(
      `The version "${long.slice(0, 80)}…" continues with "${'x'.repeat(80)}…", which apk does not allow.`,
    );
  });
});

describeKeyLaws({
  scheme: apk,
  compareByRule: compareByApk,
  versions: versions(),
  piece: fc.constantFrom('', '0', '1', '.', '.0', '.1', 'a', '_p', '_rc', '_alpha', '~0', '-r', '-r1'),
  nearCharacters: ['0', '1', '.', '-r', '_p', '_rc', '~', 'a', '\n', ' '],
  wholeKey: /^(?!ff)[0-9a-f]+05$/,
});

/** Generates versions from a small set of elements, so that many versions are similar. */
function versions(): fc.Arbitrary<string> {
  const number = fc.oneof(
    fc.constantFrom('0', '00', '01', '010', '1', '2', '9', '10', '20240101'),
    fc.bigInt({ min: 2n ** 53n - 2n, max: 2n ** 53n + 2n }).map(String),
    fc.integer({ min: 252, max: 256 }).map((digits) => '1'.repeat(digits)),
  );
  const optional = (text: fc.Arbitrary<string>): fc.Arbitrary<string> => fc.oneof(fc.constant(''), text);
  const list = (text: fc.Arbitrary<string>): fc.Arbitrary<string> =>
    fc.array(text, { maxLength: 3 }).map((texts) => texts.join(''));
  const joined = (...parts: fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
    fc.tuple(...parts).map((texts) => texts.join(''));
  return joined(
    number,
    list(number.map((digits) => `.${digits}`)),
    optional(joined(fc.constantFrom('a', 'b', 'p', 'z'), optional(number))),
    list(joined(fc.constantFrom(...APK_SUFFIXES), optional(number))),
    optional(fc.constantFrom('~0', '~a', '~ab', '~0123abcdef')),
    optional(number.map((digits) => `-r${digits}`)),
  );
}
