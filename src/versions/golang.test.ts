import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { golang } from './golang.ts';
import {
  compareByGolang,
  MODULE_PIECES,
  moduleVersions,
  TOOLCHAIN_PIECES,
  toolchainVersions,
} from './testing/golang-rule.ts';
import { describeOracleOrder } from './testing/oracle-order.ts';
import { describeKeyLaws, hexOrErrorCode } from './testing/version-laws.ts';

describe('the order of keys is the order of Go', () => {
  /** The versions of each row are in strictly ascending order. */
  it.each<[rule: string, ...ascending: string[]]>([
    ['numbers are compared as numbers', 'v0.9.0', 'v0.10.0', 'v1.0.0-alpha', 'v1.0.0', 'v1.0.1', 'v1.1.0', 'v2.0.0'],
    ['the text of a pre-release', 'v1.0.0-rc10', 'v1.0.0-rc91', 'v1.0.0-rc95', 'v1.0.0'],
    [
      'a pseudo-version without an earlier release',
      'v0.0.0-20190101000000-aaaaaaaaaaaa',
      'v0.0.0-20200101000000-000000000000',
      'v0.0.1',
    ],
    [
      'a pseudo-version after a pre-release',
      'v1.2.3-pre',
      'v1.2.3-pre.0.20200101000000-abcdefabcdef',
      'v1.2.3-pre.1',
      'v1.2.3',
    ],
    ['a pseudo-version after a release', 'v1.2.3', 'v1.2.4-0.20200101000000-abcdefabcdef', 'v1.2.4-rc.1', 'v1.2.4'],
    ['major versions without a module file', 'v20.10.17+incompatible', 'v20.10.18+incompatible', 'v20.10.19'],
    ['a main module with changes', 'v1.5.35', 'v1.5.36-0.20250212170732-e3af313feaab+dirty', 'v1.5.36'],
    ['toolchains', 'go1', 'go1.2', 'go1.9', 'go1.10', 'go1.20.12', 'go1.21', 'go1.21.1', 'go1.22.0'],
    ['release candidates', 'go1.20.14', '1.21.0-0', 'go1.21beta1', 'go1.21rc2', 'go1.21rc10', 'go1.21.0', 'go1.21.1'],
    ['toolchains without the prefix go', '1.20.14', '1.21.0-0', '1.21rc1', '1.21rc2', '1.21.0', '1.22.1'],
    ['bounds of the vulnerability database', '0', '1.19.13', '1.20.0-0', '1.20.8', '1.21.0-0', '1.21.1'],
  ])('%s', (_rule, ...ascending) => {
    const keys = ascending.map((version) => hexOrErrorCode(golang, version));
    expect(keys).toEqual(keys.toSorted());
    expect(new Set(keys).size).toBe(keys.length);
  });

  it.each([
    ['missing numbers are 0', 'v1.0.0', 'v1'],
    ['a missing patch is 0', 'v1.2.0', 'v1.2'],
    ['advisories omit the prefix v', 'v1.2.3-rc.1', '1.2.3-rc.1'],
    ['the suffix of incompatible modules', 'v2.0.0', 'v2.0.0+incompatible'],
    [
      'the suffix of changed sources',
      'v1.5.36-0.20250212170732-e3af313feaab',
      '1.5.36-0.20250212170732-e3af313feaab+dirty',
    ],
    ['a language version is its first release', '1.21.0', 'go1.21'],
    ['a release candidate of a toolchain', '1.21.0-rc.2', 'go1.21rc2'],
    ['a release candidate without the prefix', '1.21.0-rc.2', '1.21rc2'],
    ['a patch release', '1.22.1', 'go1.22.1'],
    ['experiments after a hyphen', 'go1.26.6', 'go1.26.6-X:boringcrypto'],
    ['experiments after a hyphen without the prefix', '1.26.6', '1.26.6-X:boringcrypto,jsonv2'],
    ['experiments after a blank', 'go1.20.12', 'go1.20.12 X:strictfipsruntime'],
    ['experiments after a blank without the prefix', '1.20.12', '1.20.12 X:strictfipsruntime'],
    ['a vendor', 'go1.26.5', 'go1.26.5 (Red Hat 1.26.5-1.el9_6)'],
    ['a vendor without the prefix', '1.26.5', '1.26.5 (Red Hat 1.26.5-1.el9_6)'],
    ['a custom toolchain', 'go1.23.4', 'go1.23.4-bigcorp'],
    ['a release candidate with experiments', '1.25.0-rc.1', 'go1.25rc1 X:nodwarf5'],
  ])('%s: %j and %j have the same key', (_rule, one, other) => {
    expect(hexOrErrorCode(golang, one)).toBe(hexOrErrorCode(golang, other));
    expect(golang.keyOf(one)).toBeDefined();
  });
});

describeOracleOrder(
  golang,
  new URL('testdata/golang-modules-order.txt', import.meta.url),
  // These are versions of toolchains.
  (version) => /^\d+\.\d+(?:beta|rc)\d*$/.test(version),
);

describeOracleOrder(
  golang,
  new URL('testdata/golang-toolchains-order.txt', import.meta.url),
  // These are versions with vendor suffixes, and versions of modules.
  (version) => / (?:X:|\()/.test(version) || /^[v\d]/.test(version),
);

describe('the bytes of a key', () => {
  it.each([
    ['v1', '01 31 00 00 02'],
    ['go1.21rc2', '01 31 02 32 31 00 01 03 72 63 02 01 32 01'],
    [
      'v1.2.4-0.20200101000000-abc',
      `01 31 01 32 01 34 01 02 00 03 ${Buffer.from('20200101000000-abc').toString('hex')} 01`,
    ],
  ])('%j', (version, bytes) => {
    expect(hexOrErrorCode(golang, version)).toBe(bytes.replaceAll(' ', ''));
  });
});

describe('rejects versions that are not comparable', () => {
  it.each([
    ['', 'is empty'],
    ['(devel)', 'is not a release'],
    ['devel', 'is not a release'],
    ['devel +a8e99ab19c Sat May 24 08:48:53 2025 -0700', 'is not a release'],
    ['devel go1.22-a8e99ab19c Sat May 24 08:48:53 2025 -0700', 'is not a release'],
    ['go1.25-devel_a8e99ab19c', 'is not a release'],
    ['go1.24.2-devel_a8e99ab19c Sat May 24 08:48:53 2025 -0700', 'is not a release'],
    ['go1.20-pre4', 'is not a release'],
    ['1.25-devel_a8e99ab19c', 'is not a version of a Go module or toolchain'],
    ['latest', 'is not a version of a Go module or toolchain'],
    ['go', 'is not a version of a Go module or toolchain'],
    ['vgo1.2.3', 'is not a version of a Go module or toolchain'],
    ['V1.2.3', 'is not a version of a Go module or toolchain'],
    ['v1.2.3 ', 'is not a version of a Go module or toolchain'],
    ['1.2.3 1.2.4', 'is not a version of a Go module or toolchain'],
    ['v1.2.3.4', 'is not a version of a Go module or toolchain'],
    ['v1.2-pre', 'is not a version of a Go module or toolchain'],
    ['v01.2.3', 'is not a version of a Go module or toolchain'],
    ['v1.2.3-01', 'is not a version of a Go module or toolchain'],
    ['v1.2.3-a..b', 'is not a version of a Go module or toolchain'],
    ['v1.2.3+', 'is not a version of a Go module or toolchain'],
    ['v3.10.0RC1', 'is not a version of a Go module or toolchain'],
    ['go1.21.0rc1', 'is not a version of a Go module or toolchain'],
    ['go1.13.4b4', 'is not a version of a Go module or toolchain'],
    ['go1.21rc02', 'is not a version of a Go module or toolchain'],
    ['2.0a1', 'is not a version of a Go module or toolchain'],
    ['go1.21RC2', 'is not a version of a Go module or toolchain'],
    [`v1.2.${'1'.repeat(1020)}`, 'is longer than 1024 characters'],
  ])('%j %s', (version, rule) => {
    const refusal = expect.objectContaining({ code: 'version/invalid', message: expect.stringContaining(rule) });
    expect(() => golang.key(version)).toThrow(refusal);
  });
});

describeKeyLaws({
  scheme: golang,
  compareByRule: compareByGolang,
  versions: fc.oneof(moduleVersions(), toolchainVersions()),
  piece: fc.constantFrom(...MODULE_PIECES, ...TOOLCHAIN_PIECES),
  nearCharacters: ['0', '1', '.', 'v1.0.0', 'go1.21', 'rc', '-', '+', 'a', ' X:', '\n', ' '],
  wholeKey: /^(?!ff)[0-9a-f]+0[12]$/,
});
