/**
 * The version scheme of Semantic Versioning 2.0.0 (semver.org), whose versions have the form
 * `major.minor.patch[-pre-release][+build]`. The keys are compared byte by byte:
 *
 *     key        = number number number release
 *     release    = 02 without a pre-release, else 01 { identifier } 01
 *     identifier = 02 and a number | 03 and letters, digits and hyphens in ASCII
 *     number     = length digits               in ASCII and without leading zeros, so nothing at all for 0
 *     length     = 1 byte up to FD; from FE on the byte FE and then 2 bytes, big-endian
 *
 * The 01 that ends a pre-release sorts before further identifiers. Identifiers with letters need no end mark, because
 * every byte that may follow is below a hyphen. Therefore every element is self-delimiting, and no key is a prefix of
 * another. A length is at most FE, so no key starts with FF. Build metadata does not affect the order.
 */
import { invalidVersion, quotedVersion } from './keys/invalid-version.ts';
import { keyNumber } from './keys/key-number.ts';
import { createScheme, type VersionScheme } from './scheme.ts';

/**
 * The maximum length of a version. npm permits 256 characters; the longest version in OSV data for npm, crates.io, Hex
 * and Swift has 21 characters.
 */
const MAX_VERSION_LENGTH = 1024;

/**
 * Orders versions as npm, Cargo, Hex and Swift do. The scheme accepts the versions of Semantic Versioning, including
 * numbers above 2^53, which npm rejects. The scheme also accepts leading zeros, because their order is clear, and
 * blanks, `v` and `=` before the numbers, because npm accepts these prefixes and advisories contain them. The scheme
 * rejects fewer or more than three numbers, tags such as `latest`, and ranges.
 */
export const semver: VersionScheme<'semver'> = createScheme('semver', key);

/**
 * The parts of a version that determine its order. The numbers are runs of digits, and `preRelease` consists of
 * identifiers that dots separate.
 */
export type SemverPrecedence = {
  readonly numbers: readonly [major: string, minor: string, patch: string];
  readonly preRelease: string | undefined;
};

/** The codes of a key, in the order of semver.org §11. */
const PRE_RELEASE = '\u0001';
const RELEASE = '\u0002';
const END = '\u0001';
const NUMBER = '\u0002';
const TEXT = '\u0003';

/** Returns the key of a version; {@link semver} describes the grammar of versions. */
export function semverKey({ numbers, preRelease }: SemverPrecedence): Uint8Array {
  const end = preRelease === undefined ? RELEASE : PRE_RELEASE + preRelease.split('.').map(identifier).join('') + END;
  return new Uint8Array(Buffer.from(numbers.map(keyNumber).join('') + end, 'latin1'));
}

function identifier(text: string): string {
  return /^\d+$/.test(text) ? NUMBER + keyNumber(text) : TEXT + text;
}

const IDENTIFIERS = String.raw`[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*`;
const GRAMMAR = new RegExp(String.raw`^[v=\s]*(\d+)\.(\d+)\.(\d+)(?:-(${IDENTIFIERS}))?(?:\+${IDENTIFIERS})?`);

function key(version: string): Uint8Array {
  if (version.length > MAX_VERSION_LENGTH)
    throw invalidVersion(version, `is longer than ${MAX_VERSION_LENGTH} characters`);
  const text = version.trim();
  if (text === '') throw invalidVersion(version, 'is empty');
  const [understood, major = '', minor = '', patch = '', preRelease] = GRAMMAR.exec(text) ?? [];
  if (understood === undefined)
    throw invalidVersion(version, 'does not start with three numbers separated by dots (example: 1.2.3)');
  if (understood !== text) {
    throw invalidVersion(
      version,
      `continues with ${quotedVersion(text.slice(understood.length))}, which Semantic Versioning does not allow`,
    );
  }
  return semverKey({ numbers: [major, minor, patch], preRelease });
}
