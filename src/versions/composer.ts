/**
 * The version scheme of Composer, which orders versions by their normal form (`1.2.0.0` for `1.2`, `1.2.0.0-beta1` for
 * `1.2-b1`) as version_compare() of PHP does. The keys are compared byte by byte:
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
 * Orders versions like `Composer\Semver\Comparator`; {@link composerNormalForm} describes the accepted versions.
 * Numbers above 2^63 - 1 are equal, as in 64-bit PHP.
 */
export const composer: VersionScheme<'composer'> = createScheme('composer', key);

const OTHER_WORD = '\u0001';
/** The code of each word of a normal form, except `stable`, for which PHP has no rank. */
const WORD_CODES: ReadonlyMap<string, string> = new Map([
  ['dev', '\u0002'],
  ['alpha', '\u0003'],
  ['beta', '\u0004'],
  ['RC', '\u0005'],
  ['patch', '\u0008'],
]);
const END = '\u0006';
const NUMBER = '\u0007';

/** The highest integer of PHP, which reads numbers with strtol(3). */
const MAX_NUMBER = String(2n ** 63n - 1n);

/** Returns the key of a version, which is built as a string with a character for each byte. */
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
