import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ANY_CHARACTER } from '../../../test/fixtures/any-text.ts';
import { ClairError } from '../../errors.ts';
import { runCount } from '../../../test/fixtures/run-count.ts';
import { INFINITY_KEY, type VersionScheme, ZERO_KEY } from '../scheme.ts';

/** Returns the key of a version in hexadecimal, or the error code if the version is invalid. */
export function hexOrErrorCode(scheme: VersionScheme, version: string): string {
  try {
    return Buffer.from(scheme.key(version)).toString('hex');
  } catch (error) {
    if (error instanceof ClairError) return error.code;
    throw error;
  }
}

/** Compares the keys of two versions, and returns -1, 0 or 1. */
export function compareKeys(scheme: VersionScheme, a: string, b: string): number {
  return Buffer.compare(scheme.key(a), scheme.key(b));
}

/** A scheme with its reference comparison and generators of versions. */
export type SchemeUnderTest = {
  readonly scheme: VersionScheme;
  /** The reference comparison without keys, which returns a negative number, 0, or a positive number. */
  readonly compareByRule: (a: string, b: string) => number;
  /** Generates versions from a small set of elements, so that many versions are similar. */
  readonly versions: fc.Arbitrary<string>;
  /** Generates texts for small changes that produce a similar version. */
  readonly piece: fc.Arbitrary<string>;
  /** Characters for random strings that resemble versions. */
  readonly nearCharacters: readonly string[];
  /** Matches a valid key in hexadecimal. */
  readonly wholeKey: RegExp;
};

/** Defines tests that check the laws of `src/versions/scheme.ts` for a scheme. */
export function describeKeyLaws(underTest: SchemeUnderTest): void {
  const { scheme, compareByRule, piece, nearCharacters, wholeKey } = underTest;
  const isAccepted = (version: string): boolean => hexOrErrorCode(scheme, version) !== 'version/invalid';
  const versions = underTest.versions.filter(isAccepted);
  const pairs = similarPairs(versions, piece).filter((pair) => pair.every(isAccepted));

  describe('laws', () => {
    it('keys have the order of the reference comparison', () => {
      fc.assert(
        fc.property(pairs, ([a, b]) => {
          expect(compareKeys(scheme, a, b)).toBe(Math.sign(compareByRule(a, b)));
          expect(compareKeys(scheme, b, a)).toBe(0 - Math.sign(compareByRule(a, b)));
        }),
        { numRuns: runCount(5000, 200) },
      );
    });

    it('keyOf returns the key, or undefined for a version that key rejects', () => {
      fc.assert(
        fc.property(underTest.versions, (version) => {
          const key = scheme.keyOf(version);
          expect(key === undefined ? 'version/invalid' : Buffer.from(key).toString('hex')).toBe(
            hexOrErrorCode(scheme, version),
          );
        }),
        { numRuns: runCount(500, 80) },
      );
    });

    it('no key is a prefix of another', () => {
      fc.assert(
        fc.property(pairs, ([a, b]) => {
          const [one, other] = [hexOrErrorCode(scheme, a), hexOrErrorCode(scheme, b)];
          expect(one !== other && one.startsWith(other)).toBe(false);
        }),
        { numRuns: runCount(2000, 80) },
      );
    });

    it('a key followed by a byte 00 is above the key, and below the keys of all later versions', () => {
      fc.assert(
        fc.property(pairs, ([a, b]) => {
          const bound = Buffer.concat([scheme.key(a), Uint8Array.of(0)]);
          expect(Buffer.compare(scheme.key(b), bound) < 0).toBe(compareByRule(b, a) <= 0);
        }),
        { numRuns: runCount(2000, 80) },
      );
    });

    it('every key lies between 0 and infinity', () => {
      fc.assert(
        fc.property(versions, (version) => {
          expect(Buffer.compare(ZERO_KEY, scheme.key(version))).toBe(-1);
          expect(Buffer.compare(scheme.key(version), INFINITY_KEY)).toBe(-1);
        }),
      );
    });

    it('any text has a valid key or is rejected with version/invalid', () => {
      const near = fc.string({ unit: fc.constantFrom(...nearCharacters) });
      fc.assert(
        fc.property(fc.oneof(fc.string(), fc.string({ unit: ANY_CHARACTER }), near), (text) => {
          const found = hexOrErrorCode(scheme, text);
          expect(found === 'version/invalid' || wholeKey.test(found), `${JSON.stringify(text)}: ${found}`).toBe(true);
        }),
        { numRuns: runCount(2000, 80) },
      );
    });
  });
}

/** Generates pairs of versions, the second of which is often a small change of the first. */
function similarPairs(versions: fc.Arbitrary<string>, piece: fc.Arbitrary<string>): fc.Arbitrary<[string, string]> {
  const changed = fc
    .tuple(versions, fc.nat(), fc.nat(3), piece)
    .map(([version, place, cut, insertion]): [string, string] => {
      const at = place % (version.length + 1);
      return [version, version.slice(0, at) + insertion + version.slice(at + cut)];
    });
  return fc.oneof(fc.tuple(versions, versions), changed);
}
