/**
 * The version scheme of apk, whose versions have the form
 * `number{.number}[letter[number]]{_suffix[number]}[~hash][-rnumber]` (apk-package(5)). The keys are compared byte by
 * byte:
 *
 *     key       = number { element } 05
 *     element   = 01 `_alpha` | 02 `_beta` | 03 `_pre` | 04 `_rc`
 *               | 06 and a number: `-r`       07 and hexadecimal digits in ASCII: `~`
 *               | 08 and a number: the number of the preceding suffix
 *               | 09 `_cvs` | 0A `_svn` | 0B `_git` | 0C `_hg` | 0D `_p`
 *               | 0E and a letter in ASCII
 *               | 0F and a component: `.`, or 0F and a number: the number of the preceding letter
 *     component = number | 00 and digits in ASCII, if the first digit is 0
 *     number    = length digits               in ASCII and without leading zeros, so nothing at all for 0
 *     length    = 1 byte up to FD; from FE on the byte FE and then 2 bytes, big-endian
 *
 * The codes are in the order in which apk ranks the elements that may follow, including the end (05). Hashes and
 * components that start with 0 need no end mark, because every code that may follow is below all digits. Therefore
 * every element is self-delimiting, and no key is a prefix of another. A length is at most FE, so no key starts with
 * FF.
 */
import { invalidVersion, quotedVersion } from './keys/invalid-version.ts';
import { keyNumber } from './keys/key-number.ts';
import { createScheme, type VersionScheme } from './scheme.ts';

/**
 * The maximum length of a version. apk has no limit; the longest version in the Alpine security database has 22
 * characters.
 */
const MAX_VERSION_LENGTH = 1024;

/**
 * Orders versions as apk-tools 3 does (src/version.c), except for numbers from 2^64 on, which overflow in apk. The
 * scheme accepts the versions that apk-tools 3 accepts. The scheme also accepts a number after the letter
 * (`1.9.5p2-r0`), because Alpine has released packages with a number after the letter; apk-tools 2 ranks that number as
 * a further component. Leading zeros are ignored in the first number, after a letter or suffix, and in the revision. A
 * later component that starts with 0 is a fraction, which is compared as text and sorts before all other components.
 */
export const apk: VersionScheme<'apk'> = createScheme('apk', key);

const SUFFIX_CODES: ReadonlyMap<string, string> = new Map([
  ['alpha', '\u0001'],
  ['beta', '\u0002'],
  ['pre', '\u0003'],
  ['rc', '\u0004'],
  ['cvs', '\u0009'],
  ['svn', '\u000a'],
  ['git', '\u000b'],
  ['hg', '\u000c'],
  ['p', '\u000d'],
]);
const END = '\u0005';
const REVISION = '\u0006';
const HASH = '\u0007';
const SUFFIX_NUMBER = '\u0008';
const LETTER = '\u000e';
const COMPONENT = '\u000f';

const FRACTION = '\u0000';

/**
 * Matches the elements of a version in their order. No lower-case letter may follow the name of a suffix, so that the
 * error quotes an unknown suffix such as `_prefix` completely.
 */
const GRAMMAR = new RegExp(
  [
    String.raw`^(\d+)((?:\.\d+)*)`,
    String.raw`(?:([a-z])(\d*))?`,
    String.raw`((?:_(?:${[...SUFFIX_CODES.keys()].join('|')})(?![a-z])\d*)*)`,
    String.raw`(?:~([0-9a-f]+))?(?:-r(\d+))?`,
  ].join(''),
);

/** Returns the key of a version, which is built as a string with a character for each byte. */
function key(version: string): Uint8Array {
  const [first = '', components = '', letter = '', letterNumber = '', suffixes = '', hash = '', revision = ''] =
    partsOf(version);
  const elements = [
    keyNumber(first),
    ...Array.from(components.matchAll(/\d+/g), ([digits]) => COMPONENT + component(digits)),
    letter === '' ? '' : LETTER + letter,
    letterNumber === '' ? '' : COMPONENT + keyNumber(letterNumber),
    ...Array.from(suffixes.matchAll(/([a-z]+)(\d*)/g), ([, name = '', digits = '']) => suffix(name, digits)),
    hash === '' ? '' : HASH + hash,
    revision === '' ? '' : REVISION + keyNumber(revision),
    END,
  ];
  return new Uint8Array(Buffer.from(elements.join(''), 'latin1'));
}

/**
 * Splits a version into the elements of {@link GRAMMAR}.
 *
 * @throws ClairError `version/invalid`, whose message contains the version and the fault
 */
function partsOf(version: string): (string | undefined)[] {
  if (version === '') throw invalidVersion(version, 'is empty');
  if (version.length > MAX_VERSION_LENGTH)
    throw invalidVersion(version, `is longer than ${MAX_VERSION_LENGTH} characters`);
  const [understood, ...parts] = GRAMMAR.exec(version) ?? [];
  if (understood === undefined) throw invalidVersion(version, 'does not start with a number');
  if (understood !== version) {
    throw invalidVersion(
      version,
      `continues with ${quotedVersion(version.slice(understood.length))}, which apk does not allow`,
    );
  }
  return parts;
}

function component(digits: string): string {
  return digits.startsWith('0') ? FRACTION + digits : keyNumber(digits);
}

function suffix(name: string, digits: string): string {
  return (SUFFIX_CODES.get(name) ?? '') + (digits === '' ? '' : SUFFIX_NUMBER + keyNumber(digits));
}
