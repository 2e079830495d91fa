import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nuget } from './nuget.ts';
import { compareByNuget, NUGET_PIECES, nugetVersions } from './testing/nuget-rule.ts';
import { compareKeys, describeKeyLaws, hexOrErrorCode } from './testing/version-laws.ts';

describe('the order of keys is the order of NuGet', () => {
  /** Each row ascends strictly from left to right. */
  it.each<[rule: string, ...ascending: string[]]>([
    ['numbers are compared as numbers', '0.9.9.1', '1.0.0', '1.2', '1.10', '1.999.9999', '2.1.1'],
    ['a fourth number is compared', '1.0', '1.0.0.1', '1.0.0.2', '1.0.0.10', '1.0.1'],
    [
      'the documented order of pre-releases',
      '1.0.1-alpha',
      '1.0.1-alpha.2',
      '1.0.1-alpha.10',
      '1.0.1-beta',
      '1.0.1-open',
      '1.0.1-rc.2',
      '1.0.1-rc.10',
      '1.0.1-zzz',
      '1.0.1',
    ],
    ['a separated number is a separate label', '1.0.0-BETA', '1.0.0-beta.1+AA', '1.0.0-beta2'],
    ['fewer labels are lower', '1.0.0-a', '1.0.0-a.b', '1.0.0-a.b.c'],
    ['numbers in labels', '1.0.0-BETA.X.y.5.77.0', '1.0.0-beta.x.y.5.79.0', '1.0.0-beta.x.y.5.790.0'],
    ['a pre-release of a revision', '1.0.0-pre', '1.0.0', '1.0.0.1-alpha', '1.0.0.1-pre', '1.0.0.1'],
    ['labels of digits are numbers', '1.0.0-2', '1.0.0-10', '1.0.0-a'],
    [
      'labels of more than 32 bits are text, after all numbers',
      '1.0.0-5',
      '1.0.0-2147483647',
      '1.0.0-20230101120000',
      '1.0.0-2147483648',
      '1.0.0-a',
    ],
    ['a hyphen is the sign of a number', '1.0.0--2147483648', '1.0.0--1', '1.0.0-0', '1.0.0-1', '1.0.0--2147483649'],
  ])('%s', (_rule, ...ascending) => {
    const keys = ascending.map((version) => hexOrErrorCode(nuget, version));
    expect(keys).toEqual(keys.toSorted());
    expect(new Set(keys).size).toBe(keys.length);
    expect(ascending.slice(1).map((version, at) => compareByNuget(ascending[at]!, version))).toEqual(
      ascending.slice(1).map(() => -1),
    );
  });

  it.each([
    ['absent numbers are 0', '1', '1.0.0.0'],
    ['absent numbers are 0', '1.0', '1.0.0.0'],
    ['leading zeros are ignored', '1.0.01', '1.0.1.0'],
    ['the case of labels is ignored', '1.0.0-BETA', '1.0.0-beta'],
    ['build metadata is ignored', '1.0.0', '1.0.0+beta'],
    ['build metadata is ignored', '1.0.0-rc.1+git.abc', '1.0.0-rc.1'],
    ['0 has no sign', '1.0.0--0', '1.0.0-0'],
    ['leading zeros after a sign are ignored', '1.0.0--01', '1.0.0--1'],
    ['blanks around a version are ignored', ' 1.0.0\t', '1.0.0'],
  ])('%s: %j and %j have the same key', (_rule, one, other) => {
    expect(hexOrErrorCode(nuget, one)).toBe(hexOrErrorCode(nuget, other));
    expect(compareByNuget(one, other)).toBe(0);
    expect(hexOrErrorCode(nuget, one)).not.toBe('version/invalid');
  });

  it.each([1, 2, 8, 9])('a number of %i digits is below a number with one more digit', (digits) => {
    expect(compareKeys(nuget, '9'.repeat(digits), `1${'0'.repeat(digits)}`)).toBe(-1);
  });
});

describe('the bytes of a key', () => {
  it.each([
    ['0', '00 00 00 00 02'],
    ['1', '01 31 00 00 00 02'],
    ['1.20.3.4', '01 31 02 32 30 01 33 01 34 02'],
    ['1-Rc', '01 31 00 00 00 01 03 72 63 01'],
    ['1-rc.2', '01 31 00 00 00 01 03 72 63 02 80 00 00 02 01'],
    ['1--1', '01 31 00 00 00 01 02 7f ff ff ff 01'],
    ['2147483647', '0a 32 31 34 37 34 38 33 36 34 37 00 00 00 02'],
  ])('%j', (version, bytes) => {
    expect(hexOrErrorCode(nuget, version)).toBe(bytes.replaceAll(' ', ''));
  });
});

describe('rejects versions that NuGet rejects', () => {
  it.each([
    ['', 'is not a NuGet version'],
    [' ', 'is not a NuGet version'],
    ['a', 'is not a NuGet version'],
    ['v1.0', 'is not a NuGet version'],
    ['1.0.0.0.0', 'is not a NuGet version'],
    ['1.', 'is not a NuGet version'],
    ['1..0', 'is not a NuGet version'],
    ['1.x', 'is not a NuGet version'],
    ['1.*', 'is not a NuGet version'],
    ['-1.0', 'is not a NuGet version'],
    ['1 . 0', 'is not a NuGet version'],
    ['1.0-', 'is not a NuGet version'],
    ['1.0-a.', 'is not a NuGet version'],
    ['1.0-a..b', 'is not a NuGet version'],
    ['1.0-01', 'is not a NuGet version'],
    ['1.0-a.00', 'is not a NuGet version'],
    ['1.0-a_b', 'is not a NuGet version'],
    ['1.0+', 'is not a NuGet version'],
    ['1.0+a_b', 'is not a NuGet version'],
    ['[1.0,2.0)', 'is not a NuGet version'],
    ['1.0-é', 'is not a NuGet version'],
    ['١', 'is not a NuGet version'],
    ['1.2147483648', 'has a number above 2,147,483,647'],
    ['1'.repeat(1025), 'is longer than 1024 characters'],
  ])('%j %s', (version, rule) => {
    const refusal = expect.objectContaining({ code: 'version/invalid', message: expect.stringContaining(rule) });
    expect(() => nuget.key(version)).toThrow(refusal);
  });

  it('quotes the version', () => {
    expect(() => nuget.key('1 "0"')).toThrow('The version "1 \\"0\\"" is not a NuGet version (example: 1.2.3-beta.1).');
  });
});

describeKeyLaws({
  scheme: nuget,
  compareByRule: compareByNuget,
  versions: nugetVersions(),
  piece: fc.constantFrom('', ...NUGET_PIECES),
  nearCharacters: ['0', '1', '.', '-', '+', 'a', 'Z', '2147483647', '\n', ' '],
  wholeKey: /^0[0-9a][0-9a-f]+0[12]$/,
});
