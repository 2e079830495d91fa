/**
 * The version scheme of NuGet (NuGetVersion; learn.microsoft.com/nuget/concepts/package-versioning). The keys are
 * compared byte by byte:
 *
 *     key     = number number number number release
 *     release = 02 without a pre-release, else 01 { label } 01
 *     label   = 02 and 4 bytes, big-endian: a number of 32 bits, plus 2^31
 *             | 03 and letters, digits and hyphens in ASCII and in lower case
 *     number  = length digits     in ASCII and without leading zeros, so nothing at all for 0
 *     length  = 1 byte, up to 0A
 *
 * The 01 that ends a pre-release sorts before further labels. Labels with letters need no end mark, because every byte
 * that may follow is below a hyphen. Therefore every element is self-delimiting, and no key is a prefix of another. No
 * key starts with FF. Build metadata does not affect the order.
 */
import { invalidVersion } from './keys/invalid-version.ts';
import { keyNumber } from './keys/key-number.ts';
import { createScheme, type VersionScheme } from './scheme.ts';

/**
 * The maximum length of a version. nuget.org permits 64 characters; the longest version in NuGet's advisories has 12
 * characters.
 */
const MAX_VERSION_LENGTH = 1024;

/**
 * Orders versions as NuGet does. A version has one to four numbers of up to 2^31 - 1, and case-insensitive labels. A
 * label is a number only if it fits into 32 bits, with a hyphen as its sign; longer sequences of digits are text. The
 * scheme rejects versions that NuGet rejects, such as versions with leading zeros in labels. The scheme also rejects
 * spaces between the numbers, which older NuGet releases skip.
 */
export const nuget: VersionScheme<'nuget'> = createScheme('nuget', key);

const PRE_RELEASE = '\u0001';
const RELEASE = '\u0002';
const END = '\u0001';
const NUMBER = '\u0002';
const TEXT = '\u0003';

/** Matches a label. A label that consists of digits has no leading zero. */
const LABEL = '(?!0[0-9]+(?![0-9A-Za-z-]))[0-9A-Za-z-]+';
const GRAMMAR = new RegExp(
  String.raw`^(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:\.(\d+))?(?:-(${LABEL}(?:\.${LABEL})*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$`,
);

const MAX_NUMBER = 2 ** 31 - 1;
const MIN_NUMBER = -(2 ** 31);

/** Returns the key of a version, which is built as a string with a character for each byte. */
function key(version: string): Uint8Array {
  if (version.length > MAX_VERSION_LENGTH)
    throw invalidVersion(version, `is longer than ${MAX_VERSION_LENGTH} characters`);
  const parts = GRAMMAR.exec(version.trim());
  if (parts === null) throw invalidVersion(version, 'is not a NuGet version (example: 1.2.3-beta.1)');
  const [, major = '', minor = '', patch = '', revision = '', preRelease] = parts;
  const numbers = [major, minor, patch, revision];
  if (numbers.some((number) => Number(number) > MAX_NUMBER)) {
    throw invalidVersion(version, 'has a number above 2,147,483,647');
  }
  const end = preRelease === undefined ? RELEASE : PRE_RELEASE + preRelease.split('.').map(label).join('') + END;
  return new Uint8Array(Buffer.from(numbers.map(keyNumber).join('') + end, 'latin1'));
}

function label(text: string): string {
  const number = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(number >= MIN_NUMBER && number <= MAX_NUMBER)) return TEXT + text.toLowerCase();
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(number - MIN_NUMBER);
  return NUMBER + bytes.toString('latin1');
}
