/**
 * The version scheme of Maven 3.9 (ComparableVersion; maven.apache.org/pom.html#version-order-specification). A version
 * is a list. Only the last item of a list may be a nested list, which starts at a hyphen or between letters and digits.
 * All nested lists therefore end together, and their ends need no bytes. The keys are compared byte by byte:
 *
 *     key       = { item } 05
 *     item      = 01 and the rank of a qualifier below the release:
 *                    01 `alpha` | 02 `beta` | 03 `milestone` | 04 `rc` | 05 `snapshot`
 *               | 02: a release word (`ga`, `final`, `release`), if what follows is below the release
 *               | 03: a list that is below the release
 *               | 04: a zero, if what follows is below the release
 *               | 06: a release word, if what follows is above the release
 *               | 07 and a qualifier above the release: 01 `sp` | 02 and any other word in ASCII, then 00
 *               | 08: a list that is above the release
 *               | 09 and a number
 *     number    = length digits     in ASCII and without leading zeros, so nothing at all for 0
 *     length    = 1 byte up to FD; from FE on the byte FE and then 2 bytes, big-endian
 *
 * Zeros, release words and the end (05) are null values. The next item that is a qualifier or a non-zero number
 * determines whether a null value ranks below or above the release. Every item is self-delimiting, so no key is a
 * prefix of another. No key starts with FF.
 *
 * Maven's own comparison is not transitive, because `1-beta.1` < `1` < `1.final.1` < `1-beta.1`. This order ranks
 * versions below the release first, then the release, then versions above it, and otherwise agrees with Maven.
 */
import { invalidVersion } from './keys/invalid-version.ts';
import { keyNumber } from './keys/key-number.ts';
import { createScheme, type VersionScheme } from './scheme.ts';

/** The maximum length of a version. Maven has no limit; the longest version in its advisories has 51 characters. */
const MAX_VERSION_LENGTH = 1024;

/**
 * Orders versions as Maven 3.9 does. The exceptions are versions for which Maven contradicts itself, and zeros of more
 * than nine digits, which Maven ranks above all numbers of up to nine digits. The scheme rejects the empty version and
 * characters that are not printable ASCII. Like the model validator of Maven, the scheme also rejects characters that
 * file names cannot contain, and expressions such as `${revision}`.
 */
export const maven: VersionScheme<'maven'> = createScheme('maven', key);

/**
 * Matches characters that versions cannot contain (`ILLEGAL_VERSION_CHARS` of Maven's DefaultModelValidator), and the
 * start of an expression.
 */
const BANNED = /[\\/:"<>|?*]|\$\{/;
const BANNED_RULE = 'contains characters that Maven does not allow in versions: \\ / : " < > | ? * or ${';

/** The codes of the items, in the order in which Maven ranks items at the same position in a list. */
const WORD_BELOW = '\u0001';
const RELEASE_WORD_BELOW = '\u0002';
const LIST_BELOW = '\u0003';
const ZERO_BELOW = '\u0004';
const END = '\u0005';
const RELEASE_WORD_ABOVE = '\u0006';
const WORD_ABOVE = '\u0007';
const LIST_ABOVE = '\u0008';
const NUMBER = '\u0009';

const SERVICE_PACK = '\u0001';
const OTHER_WORD = '\u0002';
const END_OF_WORD = '\u0000';

const WORDS_BELOW: readonly string[] = ['alpha', 'beta', 'milestone', 'rc', 'snapshot'];
const RELEASE_WORDS: ReadonlySet<string> = new Set(['ga', 'final', 'release']);

/** The qualifiers that a single letter before a digit abbreviates. */
const LETTERS: ReadonlyMap<string, string> = new Map([
  ['a', 'alpha'],
  ['b', 'beta'],
  ['m', 'milestone'],
]);

/** An item: a run of digits, a word in lower case, or the start of a list. */
type Item = string | typeof LIST;

const LIST = Symbol('list');

/**
 * Returns the key of a version. The key is built as a string with a character for each byte, starting at the end,
 * because the code of a null value depends on the next item.
 */
function key(version: string): Uint8Array {
  let bytes = END;
  let isBelow = false;
  for (const item of itemsOf(checked(version)).toReversed()) {
    if (item === LIST) bytes = (isBelow ? LIST_BELOW : LIST_ABOVE) + bytes;
    else if (isZero(item)) bytes = (isBelow ? ZERO_BELOW : NUMBER + keyNumber(item)) + bytes;
    else if (RELEASE_WORDS.has(item)) bytes = (isBelow ? RELEASE_WORD_BELOW : RELEASE_WORD_ABOVE) + bytes;
    else {
      const rank = WORDS_BELOW.indexOf(item) + 1;
      isBelow = rank > 0;
      bytes = (isBelow ? WORD_BELOW + String.fromCharCode(rank) : aboveRelease(item)) + bytes;
    }
  }
  return new Uint8Array(Buffer.from(bytes, 'latin1'));
}

function aboveRelease(item: string): string {
  if (isDigits(item)) return NUMBER + keyNumber(item);
  return WORD_ABOVE + (item === 'sp' ? SERVICE_PACK : OTHER_WORD + item + END_OF_WORD);
}

function checked(version: string): string {
  if (version === '') throw invalidVersion(version, 'is empty');
  if (version.length > MAX_VERSION_LENGTH) {
    throw invalidVersion(version, `is longer than ${MAX_VERSION_LENGTH} characters`);
  }
  if (/[^ -~]/.test(version)) throw invalidVersion(version, 'contains a character that is not printable ASCII');
  if (BANNED.test(version)) throw invalidVersion(version, BANNED_RULE);
  return version;
}

/**
 * Returns the items of all lists, as `parseVersion()` of ComparableVersion does. An empty string between separators is
 * 0. Letters before digits and letters at the end start a list, unless they are the first item of their list. Zeros and
 * release words at the end of a list are ignored.
 */
function itemsOf(version: string): readonly Item[] {
  const lists: string[][] = [[]];
  const add = (item: string): void => void lists.at(-1)?.push(item);
  const startList = (): void => void lists.push([]);
  const tokens = version.toLowerCase().match(/\d+|[.-]|[^\d.-]+/g) ?? [];
  for (const [at, token] of tokens.entries()) {
    const next = tokens[at + 1];
    if (isSeparator(token)) {
      if (at === 0 || isSeparator(tokens[at - 1])) add('0');
      if (token === '-') startList();
    } else if (isDigits(token)) {
      add(token);
      if (next !== undefined && !isSeparator(next)) startList();
    } else {
      if (!isSeparator(next) && lists.at(-1)?.length !== 0) startList();
      add(wordOf(token, next));
      if (isDigits(next)) startList();
    }
  }
  const counted = lists.map((list) => list.slice(0, 1 + list.findLastIndex((item) => !countsAsNothing(item))));
  const end = 1 + counted.findLastIndex((list) => list.length > 0);
  return counted.slice(0, end).flatMap((list, at) => (at === 0 ? list : [LIST, ...list]));
}

function wordOf(token: string, next: string | undefined): string {
  if (token === 'cr') return 'rc';
  return (isDigits(next) ? LETTERS.get(token) : undefined) ?? token;
}

function countsAsNothing(item: string): boolean {
  return isZero(item) || RELEASE_WORDS.has(item);
}

function isZero(item: string): boolean {
  return /^0+$/.test(item);
}

function isDigits(token: string | undefined): boolean {
  return token !== undefined && /^\d/.test(token);
}

function isSeparator(token: string | undefined): boolean {
  return token === '.' || token === '-';
}
