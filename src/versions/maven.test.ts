import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maven } from './maven.ts';
import { compareByMaven, MAVEN_PIECES, mavenVersions } from './testing/maven-rule.ts';
import { describeOracleOrder } from './testing/oracle-order.ts';
import { compareKeys, describeKeyLaws, hexOrErrorCode } from './testing/version-laws.ts';

describe('the order of keys is the order of Maven', () => {
  /** The versions of each row are in strictly ascending order. */
  it.each<[rule: string, ...ascending: string[]]>([
    ['numbers are compared as numbers', '1.0', '1.0.1', '1.2', '1.10', '1.100', '2'],
    [
      'qualifiers before the release',
      '1.0-alpha-1',
      '1.0-beta-1',
      '1.0-milestone-1',
      '1.0-rc-1',
      '1.0-SNAPSHOT',
      '1.0',
    ],
    ['qualifiers have numbers', '1.0-alpha-1', '1.0-alpha-2', '1.0-alpha-10', '1.0-beta'],
    ['milestones have numbers', '9.0.0.M9', '9.0.0.M10', '9.0.0.RC1', '9.0.0'],
    ['a snapshot comes before its version', '1.0-alpha-1-SNAPSHOT', '1.0-alpha-1', '1.0-SNAPSHOT', '1.0'],
    ['service packs, then other qualifiers, come after the release', '1', '1-sp', '1-sp-1', '1-jre', '1-x', '1-1'],
    ['other qualifiers are compared as text', '1-abc', '1-abd', '1-b', '1-klm', '1-lmn', '31.1-android', '31.1-jre'],
    [
      'a number after a hyphen comes before a number after a dot',
      '2.0',
      '2.0-1',
      '2.0-2',
      '2.0.1',
      '2.0.1-klm',
      '2.0.1-123',
    ],
    ['a build of a vendor comes after the release', '1.0.0.Final', '1.0.0.Final-redhat-00001', '1.0.1'],
    ['a version without a number', 'alpha', 'snapshot', '0', 'foo', '1'],
    [
      'numbers beyond 2^53 are exact',
      '9007199254740992',
      '9007199254740993',
      '99999999999999999999998',
      '99999999999999999999999',
    ],
  ])('%s', (_rule, ...ascending) => {
    const keys = ascending.map((version) => hexOrErrorCode(maven, version));
    expect(keys).toEqual(keys.toSorted());
    expect(new Set(keys).size).toBe(keys.length);
  });

  it.each([
    ['zeros at the end are ignored', '1', '1.0.0'],
    ['zeros at the end are ignored', '1', '1-0'],
    ['zeros before a list are ignored', '1-foo', '1.0.0-foo.0.0'],
    ['release words are ignored', '1', '1.ga'],
    ['release words are ignored', '1.0.0', '1.Final'],
    ['release words are ignored', '1', '1-RELEASE'],
    ['a letter before a number stands for a word', '1a1', '1-alpha-1'],
    ['a letter before a number stands for a word', '1.0b2', '1.0-beta-2'],
    ['a letter before a number stands for a word', '1m3', '1MileStone3'],
    ['cr is rc', '1cr', '1rc'],
    ['leading zeros of a number are ignored', '1.1', '1.01'],
    ['the case is ignored', '1.0-ALPHA', '1.0-alpha'],
    ['an empty text between separators is 0', '1..1', '1.0.1'],
    ['zeros of any length are 0', '1.0000000000.1', '1.0.1'],
  ])('%s: %j and %j have the same key', (_rule, one, other) => {
    expect(hexOrErrorCode(maven, one)).toBe(hexOrErrorCode(maven, other));
    expect(hexOrErrorCode(maven, one)).not.toBe('version/invalid');
  });

  it.each([252, 253, 254, 255, 256, 257, 511])(
    'a number of %i digits is below a number with one more digit',
    (digits) => {
      expect(compareKeys(maven, '9'.repeat(digits), `1${'0'.repeat(digits)}`)).toBe(-1);
      expect(compareKeys(maven, '8'.repeat(digits), `8${'8'.repeat(digits - 2)}9`)).toBe(-1);
    },
  );
});

/** Maven ranks each version below the next version, and the last version below the first. */
describe('where Maven contradicts itself, the first of these versions is the lowest', () => {
  it.each([
    ['2SNAPSHOT', '2', '2.Final.2147483648b'],
    ['3.alpha', '3', '3.incubating.release'],
    ['1-beta.1', '1', '1.final.1'],
    ['00.RC.cr-Final', '0', '00.sp'],
    ['3.12.0.rc.1', '3.12', '3.12.0-01'],
    // The next row contains a version of a Red Hat build.
    ['1.1.1-alpha-1', '1.1.1', '1.1.1.redhat-1'],
    // The pairs in the next rows are not in the Maven results in this repository.
    ['1.0-beta-incubating.1-0.CR2', '1.0-beta-incubating.1', '1.0-beta-incubating.1_'],
    ['1.020240101-rc-sp2', '1.020240101', '1.020240101.incubating-final.alpha'],
  ])('%s < %s < %s', (lowest, middle, highest) => {
    expect([compareKeys(maven, lowest, middle), compareKeys(maven, middle, highest)]).toEqual([-1, -1]);
    expect(compareKeys(maven, lowest, highest)).toBe(-1);
  });
});

describe('the bytes of a key', () => {
  it.each([
    ['0', '05'],
    ['1', '09 01 31 05'],
    ['1.0.20', '09 01 31 09 00 09 02 32 30 05'],
    ['1-alpha-2', '09 01 31 03 01 01 08 09 01 32 05'],
    ['1.0.alpha.1', '09 01 31 04 01 01 09 01 31 05'],
    ['1.rc.1', '09 01 31 01 04 09 01 31 05'],
    ['1-SNAPSHOT', '09 01 31 03 01 05 05'],
    ['1.Final-beta', '09 01 31 03 01 02 05'],
    ['1.ga.beta.1', '09 01 31 02 01 02 09 01 31 05'],
    ['1.ga.1', '09 01 31 06 09 01 31 05'],
    ['1-sp', '09 01 31 08 07 01 05'],
    ['1.Ab.2', '09 01 31 07 02 61 62 00 09 01 32 05'],
    ['7'.repeat(253), `09 fd ${'37'.repeat(253)} 05`],
    ['7'.repeat(1024), `09 fe 0400 ${'37'.repeat(1024)} 05`],
  ])('%j', (version, bytes) => {
    expect(hexOrErrorCode(maven, version)).toBe(bytes.replaceAll(' ', ''));
  });
});

describe('rejects what Maven rejects in models, and what is not printable ASCII', () => {
  it.each([
    ['', 'is empty'],
    ['1/2', 'contains characters that Maven does not allow in versions'],
    ['1\\2', 'contains characters that Maven does not allow in versions'],
    ['1:2', 'contains characters that Maven does not allow in versions'],
    ['"1"', 'contains characters that Maven does not allow in versions'],
    ['<1>', 'contains characters that Maven does not allow in versions'],
    ['1|2', 'contains characters that Maven does not allow in versions'],
    ['1.?', 'contains characters that Maven does not allow in versions'],
    ['1.*', 'contains characters that Maven does not allow in versions'],
    ['${project.version}', 'contains characters that Maven does not allow in versions'],
    ['1.é', 'is not printable ASCII'],
    ['١', 'is not printable ASCII'],
    ['1\n', 'is not printable ASCII'],
    ['1\u0000', 'is not printable ASCII'],
    ['1'.repeat(1025), 'is longer than 1024 characters'],
  ])('%j %s', (version, rule) => {
    const refusal = expect.objectContaining({ code: 'version/invalid', message: expect.stringContaining(rule) });
    expect(() => maven.key(version)).toThrow(refusal);
  });

  it('quotes the version', () => {
    expect(() => maven.key('1*2')).toThrow(
      'The version "1*2" contains characters that Maven does not allow in versions: \\ / : " < > | ? * or ${.',
    );
  });
});

describeOracleOrder(maven, new URL('testdata/maven-order.txt', import.meta.url));

describeKeyLaws({
  scheme: maven,
  compareByRule: compareByMaven,
  versions: mavenVersions(),
  piece: fc.constantFrom('', ...MAVEN_PIECES),
  nearCharacters: ['0', '1', '.', '-', 'a', 'M', 'rc', 'sp', 'ga', '_', '\n', ' '],
  wholeKey: /^(0[1-9][0-9a-f]+)?05$/,
});
