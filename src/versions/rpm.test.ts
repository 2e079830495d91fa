import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareKeys, describeKeyLaws, hexOrErrorCode } from './testing/version-laws.ts';
import { parseRpmVersion, rpm } from './rpm.ts';

describe('the order of keys is the order of rpm', () => {
  /** The versions of each row are in strictly ascending order. */
  it.each<[rule: string, ...ascending: string[]]>([
    ['numbers are compared as numbers', '1.2', '1.9', '1.10', '1.100', '2'],
    ['letters are compared as text, upper case first', '1.A', '1.Z', '1.a', '1.aa', '1.ab', '1.b'],
    ['elements are ordered tilde, end, caret, letters, number', '1~', '1', '1^', '1a', '1.0'],
    ['a tilde comes before everything, even the end', '1~~', '1~', '1~^', '1~a', '1~0', '1', '1.0~', '1.0'],
    ['a pre-release comes before its release', '1.0~beta1-1', '1.0~rc1-1', '1.0~rc2-1', '1.0-1'],
    ['a snapshot comes between its release and the next', '1.0-1', '1.0^20240101gitabc-1', '1.0.1-1', '1.1-1'],
    ['a caret comes before every further segment', '1.0', '1.0^', '1.0^^', '1.0^a', '1.0^1', '1.0a', '1.0.0'],
    ['a segment ends where letters and digits meet', '1.a', '1a1', '1a2', '1a10', '1ab', '1.1a'],
    ['separated letters are two segments', '1a', '1a.b', '1a1', '1ab'],
    ['a number of zero is a segment', '1', '1.0', '1.0.0', '1.1'],
    ['the release is compared after the version', '1.0-1', '1.0-1.1', '1.0-2', '1.0-10', '1.0.1-1'],
    ['an absent release comes before every other', '1.0', '1.0-~', '1.0-.', '1.0-0', '1.0-1', '1.0a', '1.0.0'],
    ['the release comes after the last hyphen', '1-1', '1-0-1', '1-0-2', '1-1-0'],
    ['the epoch is compared first', '9-9', '1:1-1', '1:9-1', '2:0-1', '10:0', '256:0', '65536:0', '2147483647:0'],
    ['numbers beyond 2^53 are exact', '9007199254740992', '9007199254740993', '18446744073709551616'],
    ['real updates', '5.14.0-70.13.1.el9_0', '5.14.0-162.6.1.el9_1', '5.14.0-162.12.1.el9_1', '5.14.0-503.el9'],
    ['real modules', '1.14.0-2.module_el8.4.0+1', '1.14.0-2.module_el8.4.0+2', '1.14.0-2.module_el8.10.0+1'],
  ])('%s', (_rule, ...ascending) => {
    const keys = ascending.map((version) => hexOrErrorCode(rpm, version));
    expect(keys).toEqual(keys.toSorted());
    expect(new Set(keys).size).toBe(keys.length);
  });

  it.each([
    ['an absent epoch is 0', '1.0-1', '0:1.0-1'],
    ['an empty epoch is 0', '1.0-1', ':1.0-1'],
    ['leading zeros of an epoch are ignored', '1:1', '0001:1'],
    ['leading zeros of a number are ignored', '1.0-1', '1.00-01'],
    ['the kind of separator is ignored', '1.0-1.el9', '1_0-1+el9'],
    ['the number of separators is ignored', '1.0', '1...0'],
    ['separators at the end are ignored', '1.0-1', '1.0.-1.'],
    ['separators at the start are ignored', '1.0-1', '.1.0-_1'],
    ['separators around a tilde or a caret are ignored', '1~rc1^2', '1.~.rc.1.^.2'],
    ['separators between letters and digits are ignored', '1a1', '1.a.1'],
    ['separators alone equal an empty part', '.', '_+%{}'],
    ['non-ASCII characters are separators', '1é2.é-1ü', '1.2-1'],
  ])('%s: %j and %j have the same key', (_rule, one, other) => {
    expect(hexOrErrorCode(rpm, one)).toBe(hexOrErrorCode(rpm, other));
  });

  it.each([252, 253, 254, 255, 256, 257, 511, 512, 1023])(
    'a number of %i digits is below a number with one more digit',
    (digits) => {
      expect(compareKeys(rpm, '9'.repeat(digits), `1${'0'.repeat(digits)}`)).toBe(-1);
      expect(compareKeys(rpm, '8'.repeat(digits), `8${'8'.repeat(digits - 2)}9`)).toBe(-1);
    },
  );
});

describe('the bytes of a key', () => {
  it.each([
    ['1', '00000000  05 01 31 02  01'],
    ['1-1', '00000000  05 01 31 02  02 05 01 31 02'],
    ['0', '00000000  05 00 02  01'],
    ['.', '00000000  02  01'],
    ['~^', '00000000  01 03 02  01'],
    ['258:1.02-3~el9^x', '00000102  05 01 31 05 01 32 02  02 05 01 33 01 04 65 6c 05 01 39 03 04 78 02'],
    ['2147483647:aZ', '7fffffff  04 61 5a 02  01'],
    ['7'.repeat(253), `00000000  05 fd ${'37'.repeat(253)} 02  01`],
    ['7'.repeat(254), `00000000  05 fe 00fe ${'37'.repeat(254)} 02  01`],
    ['7'.repeat(1024), `00000000  05 fe 0400 ${'37'.repeat(1024)} 02  01`],
  ])('%j', (version, bytes) => {
    expect(hexOrErrorCode(rpm, version)).toBe(bytes.replaceAll(' ', ''));
  });
});

describe('the parts of a version', () => {
  it.each([
    ['1.0', 0, '1.0', undefined],
    ['1.0-1.el9', 0, '1.0', '1.el9'],
    ['2:1.0-1', 2, '1.0', '1'],
    [':1.0-1', 0, '1.0', '1'],
    ['0:10-150000.2.1-0', 0, '10-150000.2.1', '0'],
    ['%{version}-1_~^+', 0, '%{version}', '1_~^+'],
    ['1é-ü', 0, '1é', 'ü'],
  ])('%j', (text, epoch, version, release) => {
    expect(parseRpmVersion(text)).toStrictEqual({ epoch, version, release });
  });
});

describe('rejects versions that rpm packages cannot have', () => {
  it.each([
    ['', 'is empty'],
    [':', 'has no version besides epoch and release'],
    ['1:', 'has no version besides epoch and release'],
    ['-1', 'has no version besides epoch and release'],
    ['1:-1', 'has no version besides epoch and release'],
    ['-', 'has no version besides epoch and release'],
    ['1-', 'has nothing after the hyphen'],
    ['1:1-1-', 'has nothing after the hyphen'],
    ['(none):1.0-1', 'has an epoch that is not a number'],
    ['a:1', 'has an epoch that is not a number'],
    ['-1:1', 'has an epoch that is not a number'],
    ['+1:1', 'has an epoch that is not a number'],
    ['1.0-1:2', 'has an epoch that is not a number'],
    ['2147483648:1', 'has an epoch above 2147483647'],
    [`${'9'.repeat(400)}:1`, 'has an epoch above 2147483647'],
    ['1:2:3', 'has the character ":", which rpm does not allow'],
    ['0: 1.20.10-1', 'has the character " ", which rpm does not allow'],
    ['1.17.13-2,1.18.8-2', 'has the character ",", which rpm does not allow'],
    [' 1', 'has the character " ", which rpm does not allow'],
    ['1\n', 'has the character "\\n", which rpm does not allow'],
    ['1\u00000', 'has the character "\\u0000", which rpm does not allow'],
    ['é:1', 'has an epoch that is not a number'],
    ['1'.repeat(1025), 'is longer than 1024 characters'],
  ])('%j %s', (version, rule) => {
    const refusal = expect.objectContaining({ code: 'version/invalid', message: expect.stringContaining(rule) });
    expect(() => rpm.key(version)).toThrow(refusal);
  });

  it('quotes the version, shortened', () => {
    expect(() => rpm.key('1 "0"')).toThrow('The version "1 \\"0\\"" has the character " ", which rpm does not allow.');
    expect(() => rpm.key('1'.repeat(2000))).toThrow(`The version "${'1'.repeat(80)}…" is longer than 1024 characters.`);
  });
});

describeKeyLaws({
  scheme: rpm,
  compareByRule: compareByRpm,
  versions: versions(),
  piece: piece(),
  nearCharacters: ['0', '1', ':', '-', '.', '~', '^', ' ', '\n', 'a'],
  wholeKey: /^[0-7][0-9a-f]+(0201|0202[0-9a-f]*02)$/,
});

/** Compares versions step by step and without keys, as rpmverCmp() does. */
function compareByRpm(a: string, b: string): number {
  const [one, other] = [parseRpmVersion(a), parseRpmVersion(b)];
  return (
    Math.sign(one.epoch - other.epoch) ||
    comparePartByRpm(one.version, other.version) ||
    Number(one.release !== undefined) - Number(other.release !== undefined) ||
    comparePartByRpm(one.release ?? '', other.release ?? '')
  );
}

function comparePartByRpm(a: string, b: string): number {
  let [restOfA, restOfB] = [withoutSeparators(a), withoutSeparators(b)];
  for (;;) {
    const [segmentOfA, segmentOfB] = [firstSegment(restOfA), firstSegment(restOfB)];
    const difference =
      Math.sign(rank(segmentOfA) - rank(segmentOfB)) ||
      (/^\d/.test(segmentOfA)
        ? compare(BigInt(segmentOfA), BigInt(segmentOfB))
        : Buffer.compare(Buffer.from(segmentOfA), Buffer.from(segmentOfB)));
    if (difference !== 0 || segmentOfA === '') return difference;
    restOfA = withoutSeparators(restOfA.slice(segmentOfA.length));
    restOfB = withoutSeparators(restOfB.slice(segmentOfB.length));
  }
}

function withoutSeparators(text: string): string {
  return text.replace(/^[^A-Za-z0-9~^]+/, '');
}

function firstSegment(text: string): string {
  return /^(~|\^|[A-Za-z]+|\d+)/.exec(text)?.[0] ?? '';
}

function rank(segment: string): number {
  return [/^~/, /^$/, /^\^/, /^[A-Za-z]/, /^\d/].findIndex((pattern) => pattern.test(segment));
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : Number(a > b);
}

/** Generates versions from a small set of elements, so that many versions are similar. */
function versions(): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom('', ':', '0:', '1:', '01:', '2147483647:'), pieces(1), fc.option(pieces(1)))
    .map(([epoch, version, release]) => epoch + version.join('') + (release === null ? '' : `-${release.join('')}`));
}

function pieces(minLength: number): fc.Arbitrary<string[]> {
  return fc.array(piece(), { minLength, maxLength: 6 });
}

function piece(): fc.Arbitrary<string> {
  return fc.oneof(
    fc.constantFrom('', '0', '00', '1', '9', '10', '~', '~~', '^', '+', '.', '-', '_', 'a', 'z', 'A', 'rc', '.el9_4'),
    fc.bigInt({ min: 2n ** 53n - 2n, max: 2n ** 53n + 2n }).map(String),
    fc.integer({ min: 250, max: 258 }).map((digits) => '1'.repeat(digits)),
  );
}
