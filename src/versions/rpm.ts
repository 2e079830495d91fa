/**
 * The version scheme of rpm: `[epoch:]version[-release]` (rpm-version(7)) as a key that compares byte by byte.
 *
 *     key     = epoch part release
 *     epoch   = 4 bytes, big-endian
 *     release = 01 for none, else 02 and a part
 *     part    = { segment } 02                what separates segments does not count
 *     segment = 01 for `~` | 03 for `^` | 04 and letters in ASCII | 05 and a number
 *     number  = length digits                 in ASCII and without leading zeros, so nothing at all for 0
 *     length  = 1 byte up to FD; from FE on the byte FE and then 2 bytes, big-endian
 *
 * The 02 that ends a part lies between `~` and `^`. Letters need no end: every byte that may follow them is below all
 * letters. So every element tells where it ends, and no key is a prefix of another; the epoch is below 2^31, so none
 * starts with FF.
 */
import { invalidVersion } from './invalid-version.ts';
import { keyNumber } from './key-number.ts';
import { createScheme, type VersionScheme } from './scheme.ts';

/** The most characters of a version. rpm has no bound; the longest in the feed of AlmaLinux has 59. */
const MAX_VERSION_LENGTH = 1024;

/** The highest epoch. rpm compares it as a text of any length, and a package can hold 32 bits; real ones are below 100. */
const MAX_EPOCH = 0x7fff_ffff;

/** Orders versions as rpmverCmp() orders those of packages; {@link parseRpmVersion} says which it accepts. */
export const rpm: VersionScheme<'rpm'> = createScheme('rpm', key);

/** The three parts of a version; a `release` that is undefined is absent, and lower than every other. */
type RpmVersion = { readonly epoch: number; readonly version: string; readonly release: string | undefined };

/**
 * Takes a version apart as rpmverParse() of rpm 4.20 does (rpmio/rpmver.c): digits before the first colon are the
 * epoch, none before it are epoch 0, and the release comes after the last hyphen. Accepted are the characters that rpm
 * lets a package have there (ALLOWED_CHARS_EVR of rpmbuild), and all beyond ASCII, which older packages have and which
 * rpm skips like any separator. rpm itself would compare any text, and take what it does not know for a separator: a
 * list of versions, a comment, `(none):1.0`.
 *
 * @throws ClairError `version/invalid` naming the version and the rule that it breaks.
 */
export function parseRpmVersion(text: string): RpmVersion {
  if (text === '') throw invalidVersion(text, 'is empty');
  if (text.length > MAX_VERSION_LENGTH) throw invalidVersion(text, `is longer than ${MAX_VERSION_LENGTH} characters`);

  const colon = text.indexOf(':');
  const epoch = colon < 0 ? 0 : parseEpoch(text.slice(0, colon), text);
  const rest = text.slice(colon + 1);
  if (/[^A-Za-z0-9._+%{}~^\u0080-\uffff-]/.test(rest))
    throw invalidVersion(text, 'has a character that rpm does not allow');

  const hyphen = rest.lastIndexOf('-');
  const version = hyphen < 0 ? rest : rest.slice(0, hyphen);
  const release = hyphen < 0 ? undefined : rest.slice(hyphen + 1);
  if (version === '') throw invalidVersion(text, 'has no version beside epoch and release');
  if (release === '') throw invalidVersion(text, 'has nothing after the hyphen');
  return { epoch, version, release };
}

function parseEpoch(epoch: string, text: string): number {
  if (!/^\d*$/.test(epoch)) throw invalidVersion(text, 'has an epoch that is not a number');
  const value = Number(epoch);
  if (value > MAX_EPOCH) throw invalidVersion(text, `has an epoch above ${MAX_EPOCH}`);
  return value;
}

/** The codes of a key, in the order in which rpmvercmp() ranks what may stand at one place. */
const TILDE = '\u0001';
const END = '\u0002';
const CARET = '\u0003';
const LETTERS = '\u0004';
const NUMBER = '\u0005';

const NO_RELEASE = '\u0001';
const RELEASE = '\u0002';

/** The key is put together as a text with one character a byte. */
function key(text: string): Uint8Array {
  const { epoch, version, release } = parseRpmVersion(text);
  const codes = [epoch >>> 24, (epoch >>> 16) & 0xff, (epoch >>> 8) & 0xff, epoch & 0xff];
  const end = release === undefined ? NO_RELEASE : RELEASE + part(release);
  return new Uint8Array(Buffer.from(String.fromCharCode(...codes) + part(version) + end, 'latin1'));
}

function part(text: string): string {
  return (text.match(/~|\^|[A-Za-z]+|\d+/g) ?? []).map(segment).join('') + END;
}

function segment(text: string): string {
  if (text === '~') return TILDE;
  if (text === '^') return CARET;
  return /^\d/.test(text) ? NUMBER + keyNumber(text) : LETTERS + text;
}
