import { describe, expect, it } from 'vitest';
import { dpkg } from '../../src/versions/dpkg.ts';
import { compareDpkgVersions } from './dpkg-compare.ts';

/** Ascending rows; the versions of a row are equal. */
const ORDER: readonly (readonly string[])[] = [
  ['1.0~rc1', '1.0~rc01'],
  ['1.0~rc1-1'],
  ['1.0', '1.0-0', '0:1.0'],
  ['1.0-1~deb13u1'],
  ['1.0-1'],
  ['1.0-1+b1'],
  ['1.0-1+deb11u2'],
  ['1.0-1+deb11u10'],
  ['1.0a'],
  ['1.0+dfsg'],
  ['1.1.1w-0+deb11u8'],
  ['1.2'],
  ['1.10'],
  ['99999999999999999999'],
  ['1:0.1'],
];

describe('compareDpkgVersions', () => {
  const versions = ORDER.flatMap((row, rank) => row.map((version) => ({ version, rank })));
  it.each(versions)('orders $version as version keys do', ({ version, rank }) => {
    for (const other of versions) {
      const expected = Math.sign(rank - other.rank);
      expect(Math.sign(compareDpkgVersions(version, other.version))).toBe(expected);
      expect(Math.sign(Buffer.compare(dpkg.key(version), dpkg.key(other.version)))).toBe(expected);
    }
  });
});
