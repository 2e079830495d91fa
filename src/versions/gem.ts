/**
 * The version scheme of RubyGems (Gem::Version). The keys are compared byte by byte:
 *
 *     key     = { element } 03
 *     element = 01 and letters in ASCII, then 00
 *             | 02: a zero, if the next element that is not a zero is letters
 *             | 04: a zero, if the next element that is not a zero is a number
 *             | 05 and a number
 *     number  = length digits     in ASCII and without leading zeros
 *     length  = 1 byte up to FD; from FE on the byte FE and then 2 bytes, big-endian
 *
 * An absent element equals 0, so zeros at the end are not written. Other zeros sort immediately below or above the end
 * (03), depending on the next element that is not a zero. Every element is self-delimiting, so no key is a prefix of
 * another. No key starts with FF.
 */
import { invalidVersion } from './keys/invalid-version.ts';
import { keyNumber } from './keys/key-number.ts';
import { createScheme, type VersionScheme } from './scheme.ts';

/** The maximum length of a version. RubyGems has no limit; the longest version in its advisories has 21 characters. */
const MAX_VERSION_LENGTH = 1024;

/**
 * Orders versions as Gem::Version of RubyGems 3.6 does, and rejects versions that RubyGems rejects. The scheme also
 * rejects the empty version, which RubyGems reads as 0. A version must not include a platform (`1.18.2-x86_64-linux`),
 * because RubyGems reads `1.18.2-java` as a pre-release.
 */
export const gem: VersionScheme<'gem'> = createScheme('gem', key);

/**
 * Matches the same versions as VERSION_PATTERN of Gem::Version, with the blanks around a version that RubyGems ignores.
 */
const GRAMMAR = /^[ \t\r\n\f\v]*([0-9]+(?:\.[0-9a-z]+)*(?:-[0-9a-z-]+(?:\.[0-9a-z-]+)*)?)[ \t\r\n\f\v]*$/i;

const LETTERS = '\u0001';
const END_OF_LETTERS = '\u0000';
const ZERO_BEFORE_LETTERS = '\u0002';
const END = '\u0003';
const ZERO_BEFORE_NUMBER = '\u0004';
const NUMBER = '\u0005';

/** Returns the key of a version, which is built as a string with a character for each byte. */
function key(version: string): Uint8Array {
  let elements = '';
  let zeros = 0;
  for (const [segment] of canonicalForm(version).matchAll(/\d+|[a-z]+/gi)) {
    if (/^0+$/.test(segment)) {
      zeros++;
      continue;
    }
    const isNumber = /^\d/.test(segment);
    elements += (isNumber ? ZERO_BEFORE_NUMBER : ZERO_BEFORE_LETTERS).repeat(zeros);
    elements += isNumber ? NUMBER + keyNumber(segment) : LETTERS + segment + END_OF_LETTERS;
    zeros = 0;
  }
  return new Uint8Array(Buffer.from(elements + END, 'latin1'));
}

/**
 * Returns a string whose runs of digits and letters are the result of Gem::Version#canonical_segments. A hyphen becomes
 * `.pre.`. Zeros at the end are removed, and so is the first run of zeros that precedes letters. Both patterns find the
 * first dot of a run of zeros and dots, as RubyGems does, but read each run only once.
 *
 * @throws ClairError `version/invalid`, whose message contains the version and the fault
 */
function canonicalForm(version: string): string {
  const withoutZerosAtEnd = parseGemVersion(version)
    .replaceAll('-', '.pre.')
    .replace(/([A-Za-z]|(?:^|[1-9])0*\.)[.0]+$/, '$1');
  return withoutZerosAtEnd.replace(/((?:^|[^.0]0*\.))[.0]+(?=[A-Za-z])/, '$1');
}

function parseGemVersion(text: string): string {
  if (text.length > MAX_VERSION_LENGTH) throw invalidVersion(text, `is longer than ${MAX_VERSION_LENGTH} characters`);
  const version = GRAMMAR.exec(text)?.[1];
  if (version === undefined) throw invalidVersion(text, 'is not a valid RubyGems version (example: 1.2.3.rc1)');
  return version;
}
