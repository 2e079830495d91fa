import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareKeys, describeKeyLaws, hexOrErrorCode } from './testing/version-laws.ts';
import { dpkg, parseDpkgVersion } from './dpkg.ts';

describe('the order of keys is the order of dpkg', () => {
  /** The versions of each row are in strictly ascending order. */
  it.each<[rule: string, ...ascending: string[]]>([
    ['numbers are compared as numbers', '1.2', '1.9', '1.10', '1.100', '2'],
    ['a tilde comes before everything, even the end', '1~~', '1~~a', '1~', '1~a', '1', '1a', '1+', '1.'],
    ['a pre-release comes before its release', '1.0~beta1', '1.0~beta2', '1.0~rc1', '1.0~rc1+b1', '1.0', '1.0+b1'],
    ['letters come before other characters', '1A', '1Z', '1a', '1z', '1+', '1-1-1', '1.'],
    ['a run ends before a letter and after a tilde', '1a~', '1a', '1aa', '1ab', '1b'],
    ['the revision is compared after the upstream version', '1.0-1', '1.0-2', '1.0-10', '1.0.1-1'],
    ['an absent revision equals 0', '1.0-~1', '1.0', '1.0-0a', '1.0-0+deb1', '1.0-0.1', '1.0-1'],
    ['the upstream version may have hyphens', '1.0-1-1', '1.0-1-2', '1.0-2-1'],
    ['the epoch is compared first', '9', '1:1', '1:9', '2:0', '10:0', '256:0', '65536:0', '2147483647:0'],
    ['the upstream version may have colons after an epoch', '1:1', '1:1.', '1:1:', '1:1:1', '1:2'],
    ['numbers beyond 2^53 are exact', '9007199254740992', '9007199254740993', '18446744073709551616'],
    ['security updates and rebuilds follow their base', '1.1.1n-0+deb11u3', '1.1.1n-0+deb11u3+b1', '1.1.1n-0+deb11u10'],
    ['an upstream version may start with anything', '~', '0', 'a', 'z', '+', '.'],
    ['characters that Debian Policy forbids come after letters', '1z', '1!', '1+', '1_', '1{', '1}'],
  ])('%s', (_rule, ...ascending) => {
    const keys = ascending.map((version) => hexOrErrorCode(dpkg, version));
    expect(keys).toEqual(keys.toSorted());
    expect(new Set(keys).size).toBe(keys.length);
  });

  it.each([
    ['an absent epoch is 0', '1.0-1', '0:1.0-1'],
    ['leading zeros of an epoch are ignored', '1:1', '0001:1'],
    ['an epoch may have a sign', '1:1', '+1:1'],
    ['minus zero is not a negative epoch', '1', '-0:1'],
    ['an absent revision is 0', '1.0', '1.0-0'],
    ['a revision of zeros is 0', '1.0', '1.0-000'],
    ['leading zeros of a number are ignored', '1.0', '1.00'],
    ['leading zeros of a number are ignored', '1.01.1', '1.1.001'],
    ['an absent number is 0', '1.', '1.0'],
    ['an absent number is 0', '1.0-a', '1.0-a0'],
    ['an upstream version may start with a letter', 'a', 'a00-0'],
    ['blanks and tabs around a version are ignored', '1.0', ' \t1.0\t '],
  ])('%s: %j and %j have the same key', (_rule, one, other) => {
    expect(hexOrErrorCode(dpkg, one)).toBe(hexOrErrorCode(dpkg, other));
  });

  it.each([252, 253, 254, 255, 256, 257, 511, 512, 1022])(
    'a number of %i digits is below a number with one more digit',
    (digits) => {
      expect(compareKeys(dpkg, '9'.repeat(digits), `1${'0'.repeat(digits)}`)).toBe(-1);
      expect(compareKeys(dpkg, '8'.repeat(digits), `8${'8'.repeat(digits - 2)}9`)).toBe(-1);
    },
  );
});

describe('the bytes of a key', () => {
  it.each([
    ['1', '00000000 02 01 31 02  02 00 02'],
    ['0', '00000000 02 00 02  02 00 02'],
    ['0-0', '00000000 02 00 02  02 00 02'],
    ['a', '00000000 61 02 00 02  02 00 02'],
    ['a1', '00000000 61 02 01 31 02  02 00 02'],
    ['258:1.02-3~b', '00000102 02 01 31 ae 02 01 32 02  02 01 33 01 62 02 00 02'],
    ['2147483647:~Z', '7fffffff 01 5a 02 00 02  02 00 02'],
    ['1:1:-!~', '00000001 02 01 31 ba 02 00 02  a1 01 02 00 02'],
    ['7'.repeat(253), `00000000 02 fd ${'37'.repeat(253)} 02  02 00 02`],
    ['7'.repeat(254), `00000000 02 fe 00fe ${'37'.repeat(254)} 02  02 00 02`],
    ['7'.repeat(1024), `00000000 02 fe 0400 ${'37'.repeat(1024)} 02  02 00 02`],
    ['1a'.repeat(256), `00000000 02 0131 ${'61020131'.repeat(255)} 61 02 00 02  02 00 02`],
  ])('%j', (version, bytes) => {
    expect(hexOrErrorCode(dpkg, version)).toBe(bytes.replaceAll(' ', ''));
  });
});

describe('the parts of a version', () => {
  it.each([
    ['1.0', 0, '1.0', '0'],
    ['1.0-1', 0, '1.0', '1'],
    ['2:1.0-1-3~b', 2, '1.0-1', '3~b'],
    ['1:2:3-4', 1, '2:3', '4'],
    ['-0:1', 0, '1', '0'],
    ['\t1.0 ', 0, '1.0', '0'],
    ['7.5.51_a1243', 0, '7.5.51_a1243', '0'],
    ['1:1.0-1:0', 1, '1.0', '1:0'],
  ])('%j', (version, epoch, upstream, revision) => {
    expect(parseDpkgVersion(version)).toStrictEqual({ epoch, upstream, revision });
  });
});

describe('rejects versions that dpkg rejects', () => {
  it.each([
    ['', 'is empty'],
    [' \t ', 'is empty'],
    ['1 0', 'contains a blank'],
    ['1\t0', 'contains a blank'],
    ['1 :0', 'contains a blank'],
    ['1.0\n', 'contains a character that is not printable ASCII'],
    ['1.0\r', 'contains a character that is not printable ASCII'],
    ['1\u00000', 'contains a character that is not printable ASCII'],
    ['1\u007f0', 'contains a character that is not printable ASCII'],
    ['1\u00a00', 'contains a character that is not printable ASCII'],
    ['1é', 'contains a character that is not printable ASCII'],
    ['١', 'contains a character that is not printable ASCII'],
    [':', 'has an empty epoch'],
    [':1', 'has an empty epoch'],
    ['a:1', 'has an epoch that is not a number'],
    ['+:1', 'has an epoch that is not a number'],
    ['-:1', 'has an epoch that is not a number'],
    ['1a:1', 'has an epoch that is not a number'],
    ['1.0-1:0', 'has an epoch that is not a number'],
    ['0x1:1', 'has an epoch that is not a number'],
    ['1e1:1', 'has an epoch that is not a number'],
    ['-1:1', 'has a negative epoch'],
    ['2147483648:1', 'has an epoch above 2147483647'],
    [`${'9'.repeat(400)}:1`, 'has an epoch above 2147483647'],
    ['1:', 'has nothing after the colon'],
    ['1: ', 'has nothing after the colon'],
    ['-', 'has an empty upstream version'],
    ['-1', 'has an empty upstream version'],
    ['1:-1', 'has an empty upstream version'],
    ['1-', 'has an empty revision'],
    ['1-1-', 'has an empty revision'],
    ['1:1-', 'has an empty revision'],
    ['1'.repeat(1025), 'is longer than 1024 characters'],
  ])('%j %s', (version, rule) => {
    const refusal = expect.objectContaining({ code: 'version/invalid', message: expect.stringContaining(rule) });
    expect(() => dpkg.key(version)).toThrow(refusal);
  });

  it('quotes the version, shortened', () => {
    expect(() => dpkg.key('1 "0"')).toThrow('The version "1 \\"0\\"" contains a blank.');
    expect(() => dpkg.key('1'.repeat(2000))).toThrow(
      `The version "${'1'.repeat(80)}…" is longer than 1024 characters.`,
    );
  });
});

describeKeyLaws({
  scheme: dpkg,
  compareByRule: compareByPolicy,
  versions: versions(),
  piece: piece(),
  nearCharacters: ['0', '1', ':', '-', '+', ' ', '\t', '\n', 'a', '~'],
  wholeKey: /^[0-7][0-9a-f]+02$/,
});

/** Compares versions step by step and without keys, as in Debian Policy 5.6.12. */
function compareByPolicy(a: string, b: string): number {
  const [one, other] = [parseDpkgVersion(a), parseDpkgVersion(b)];
  return (
    Math.sign(one.epoch - other.epoch) ||
    comparePartByPolicy(one.upstream, other.upstream) ||
    comparePartByPolicy(one.revision, other.revision)
  );
}

function comparePartByPolicy(a: string, b: string): number {
  let [restOfA, restOfB] = [a, b];
  while (restOfA !== '' || restOfB !== '') {
    const [, charactersOfA = '', digitsOfA = '', afterA = ''] = /^(\D*)(\d*)(.*)$/.exec(restOfA) ?? [];
    const [, charactersOfB = '', digitsOfB = '', afterB = ''] = /^(\D*)(\d*)(.*)$/.exec(restOfB) ?? [];
    for (let at = 0; at < Math.max(charactersOfA.length, charactersOfB.length); at++) {
      const difference = weight(charactersOfA.charAt(at)) - weight(charactersOfB.charAt(at));
      if (difference !== 0) return Math.sign(difference);
    }
    const [numberOfA, numberOfB] = [BigInt(digitsOfA), BigInt(digitsOfB)];
    if (numberOfA !== numberOfB) return numberOfA < numberOfB ? -1 : 1;
    [restOfA, restOfB] = [afterA, afterB];
  }
  return 0;
}

function weight(character: string): number {
  if (character === '~') return -1;
  if (character === '') return 0;
  return /[A-Za-z]/.test(character) ? character.charCodeAt(0) : character.charCodeAt(0) + 256;
}

/** Generates versions from a small set of elements, so that many versions are similar. */
function versions(): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom('', '0:', '1:', '01:', '2147483647:'), pieces(1), fc.option(pieces(0), { nil: undefined }))
    .map(([epoch, upstream, revision]) => epoch + upstream.join('') + (revision ? `-${revision.join('')}0` : ''));
}

function pieces(minLength: number): fc.Arbitrary<string[]> {
  return fc.array(piece(), { minLength, maxLength: 6 });
}

function piece(): fc.Arbitrary<string> {
  return fc.oneof(
    fc.constantFrom('', '0', '00', '1', '9', '10', '~', '~~', '+', '.', '-', ':', '_', 'a', 'z', 'A', 'rc', '+deb12u1'),
    fc.bigInt({ min: 2n ** 53n - 2n, max: 2n ** 53n + 2n }).map(String),
    fc.integer({ min: 250, max: 258 }).map((digits) => '1'.repeat(digits)),
  );
}
