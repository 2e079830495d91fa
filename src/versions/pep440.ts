/**
 * The version scheme of Python, whose versions have the form `[epoch!]release[pre][post][dev][+local]` (PEP 440). The
 * keys are compared byte by byte:
 *
 *     key     = number release pre post dev local        the number is the epoch
 *     release = { 02 number } 01                         without zeros at the end
 *     pre     = 01 if the version has only dev | 02 number: a | 03 number: b | 04 number: rc | 05 if absent
 *     post    = 01 if absent | 02 number
 *     dev     = 01 number | 02 if absent
 *     local   = 01 if absent | part { part } 02
 *     part    = 03 and lower-case letters and digits in ASCII, then 00 | 04 and a number
 *     number  = length digits                            in ASCII and without leading zeros, so nothing at all for 0
 *     length  = 1 byte up to FD; from FE on the byte FE and then 2 bytes, big-endian
 *
 * Every element is self-delimiting, so no key is a prefix of another. A length is at most FE, so no key starts with FF.
 */
import { invalidVersion } from './keys/invalid-version.ts';
import { keyNumber } from './keys/key-number.ts';
import { createScheme, type VersionScheme } from './scheme.ts';

/**
 * The maximum length of a version. PEP 440 has no limit; the longest version in PyPI's advisories has 33 characters.
 */
const MAX_VERSION_LENGTH = 1024;

/**
 * Orders versions like PEP 440 and its reference implementation, `packaging.version.Version`. The scheme rejects
 * versions that `packaging` rejects, such as `2004d`. The scheme accepts only ASCII, like PEP 440; `packaging` also
 * accepts four non-ASCII letters that change to an ASCII letter when their case changes.
 */
export const pep440: VersionScheme<'pep440'> = createScheme('pep440', key);

/** Matches a version by the grammar of PEP 440, appendix B, with blanks around the version, which PEP 440 ignores. */
const GRAMMAR = new RegExp(
  [
    String.raw`^[ \t\n\r\f\v]*v?(?:(?<epoch>\d+)!)?(?<release>\d+(?:\.\d+)*)`,
    String.raw`(?:[-_.]?(?<preWord>alpha|a|beta|b|preview|pre|c|rc)[-_.]?(?<pre>\d+)?)?`,
    String.raw`(?:-(?<bare>\d+)|[-_.]?(?<postWord>post|rev|r)[-_.]?(?<post>\d+)?)?`,
    String.raw`(?:[-_.]?(?<devWord>dev)[-_.]?(?<dev>\d+)?)?`,
    String.raw`(?:\+(?<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?[ \t\n\r\f\v]*$`,
  ].join(''),
  'i',
);

const RELEASE_NUMBER = '\u0002';
const END_OF_RELEASE = '\u0001';

const ONLY_DEV = '\u0001';
const NO_PRE = '\u0005';
/** The code of each word that denotes a pre-release. */
const PRE_CODES: ReadonlyMap<string, string> = new Map([
  ['a', '\u0002'],
  ['alpha', '\u0002'],
  ['b', '\u0003'],
  ['beta', '\u0003'],
  ['c', '\u0004'],
  ['pre', '\u0004'],
  ['preview', '\u0004'],
  ['rc', '\u0004'],
]);

const NO_POST = '\u0001';
const POST = '\u0002';

const DEV = '\u0001';
const NO_DEV = '\u0002';

const NO_LOCAL = '\u0001';
const END_OF_LOCAL = '\u0002';
const LOCAL_TEXT = '\u0003';
const LOCAL_NUMBER = '\u0004';
const END_OF_TEXT = '\u0000';

/** Returns the key of a version, which is built as a string with a character for each byte. */
function key(version: string): Uint8Array {
  const {
    epoch = '',
    release = '',
    preWord,
    pre = '',
    bare,
    postWord,
    post = '',
    devWord,
    dev = '',
    local,
  } = partsOf(version);
  const hasPost = bare !== undefined || postWord !== undefined;
  const elements = [
    keyNumber(epoch),
    releaseElement(release),
    preWord === undefined
      ? absentPre(hasPost, devWord !== undefined)
      : (PRE_CODES.get(preWord.toLowerCase()) ?? '') + keyNumber(pre),
    hasPost ? POST + keyNumber(bare ?? post) : NO_POST,
    devWord === undefined ? NO_DEV : DEV + keyNumber(dev),
    localElement(local),
  ];
  return new Uint8Array(Buffer.from(elements.join(''), 'latin1'));
}

/**
 * Splits a version into the groups of {@link GRAMMAR}.
 *
 * @throws ClairError `version/invalid`, whose message contains the version and the fault
 */
function partsOf(version: string): Readonly<Record<string, string | undefined>> {
  if (version.length > MAX_VERSION_LENGTH)
    throw invalidVersion(version, `is longer than ${MAX_VERSION_LENGTH} characters`);
  const groups = GRAMMAR.exec(version)?.groups;
  if (groups === undefined) throw invalidVersion(version, 'does not follow PEP 440 (example: 1.2.3rc1)');
  return groups;
}

function releaseElement(release: string): string {
  const numbers = release.split('.').map((digits) => RELEASE_NUMBER + keyNumber(digits));
  const last = numbers.findLastIndex((number) => number !== RELEASE_NUMBER + keyNumber('0'));
  return numbers.slice(0, last + 1).join('') + END_OF_RELEASE;
}

/**
 * Returns the code of an absent pre-release. A version with only a development release sorts before the pre-releases;
 * any other version without a pre-release sorts after them.
 */
function absentPre(hasPost: boolean, hasDev: boolean): string {
  return hasDev && !hasPost ? ONLY_DEV : NO_PRE;
}

function localElement(local: string | undefined): string {
  if (local === undefined) return NO_LOCAL;
  return local.toLowerCase().split(/[-_.]/).map(localPart).join('') + END_OF_LOCAL;
}

function localPart(part: string): string {
  return /^\d+$/.test(part) ? LOCAL_NUMBER + keyNumber(part) : LOCAL_TEXT + part + END_OF_TEXT;
}
