/**
 * The version scheme of Composer: its normal form (`1.2` is `1.2.0.0`, `1.2-b1` is `1.2.0.0-beta1`) in the order of
 * PHP's version_compare(), as a key that compares byte by byte.
 *
 *     key     = { element } 06
 *     element = 01 any other word | 02 `dev` | 03 `alpha` | 04 `beta` | 05 `RC` | 07 and a number | 08 `patch`
 *     number  = length digits      in ASCII and without leading zeros, so nothing at all for 0
 *     length  = 1 byte up to FD; from FE on the byte FE and then 2 bytes, big-endian
 *
 * The codes are in the order in which PHP ranks the elements that may follow, including the end (06). Every element is
 * self-delimiting, so no key is a prefix of another. No key starts with FF.
 */
import { composerNormalForm } from './composer/normal-form.ts';
import { keyNumber } from './keys/key-number.ts';
import { createScheme, type VersionScheme } from './scheme.ts';

/**
 * Orders versions like `Composer\Semver\Comparator`; see {@link composerNormalForm} for accepted versions. Numbers
 * above 2^63 - 1 are equal, as in PHP on 64 bits.
 */
export const composer: VersionScheme<'composer'> = createScheme('composer', key);

const OTHER_WORD = '\u0001';
/** The code of each word of a normal form; PHP has no rank for the remaining word, `stable`. */
const WORD_CODES: ReadonlyMap<string, string> = new Map([
  ['dev', '\u0002'],
  ['alpha', '\u0003'],
  ['beta', '\u0004'],
  ['RC', '\u0005'],
  ['patch', '\u0008'],
]);
const END = '\u0006';
const NUMBER = '\u0007';

/** The highest integer in PHP, which reads numbers with strtol(3). */
const MAX_NUMBER = String(2n ** 63n - 1n);

/** Builds the key as a string with one character per byte. */
function key(version: string): Uint8Array {
  const elements = composerNormalForm(version).match(/\d+|[A-Za-z]+/g) ?? [];
  return new Uint8Array(Buffer.from(elements.map(element).join('') + END, 'latin1'));
}

function element(text: string): string {
  return /^\d/.test(text) ? NUMBER + lowerNumber(keyNumber(text)) : (WORD_CODES.get(text) ?? OTHER_WORD);
}

function lowerNumber(number: string): string {
  const highest = keyNumber(MAX_NUMBER);
  return number > highest ? highest : number;
}
