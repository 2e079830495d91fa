/**
 * The version scheme of rpm, whose versions have the form `[epoch:]version[-release]` (rpm-version(7)). The keys are
 * compared byte by byte:
 *
 *     key     = epoch part release
 *     epoch   = 4 bytes, big-endian
 *     release = 01 if absent, else 02 and a part
 *     part    = { segment } 02                separators between segments do not count
 *     segment = 01 for `~` | 03 for `^` | 04 and letters in ASCII | 05 and a number
 *     number  = length digits                 in ASCII and without leading zeros, so nothing at all for 0
 *     length  = 1 byte up to FD; from FE on the byte FE and then 2 bytes, big-endian
 *
 * The 02 that ends a part sorts between `~` and `^`. Letters need no end mark, because every byte that may follow is
 * below all letters. Therefore every element is self-delimiting, and no key is a prefix of another. The epoch is below
 * 2^31, so no key starts with FF.
 */
import { invalidVersion, quotedVersion } from './keys/invalid-version.ts';
import { keyNumber } from './keys/key-number.ts';
import { createScheme, type VersionScheme } from './scheme.ts';

/** The maximum length of a version. rpm has no limit; the longest version in the AlmaLinux feed has 59 characters. */
const MAX_VERSION_LENGTH = 1024;

/**
 * The highest accepted epoch. rpm compares epochs of any length, and packages store epochs of 32 bits; real epochs are
 * below 100.
 */
const MAX_EPOCH = 0x7fff_ffff;

/** Orders versions as rpmverCmp() does; {@link parseRpmVersion} describes the accepted versions. */
export const rpm: VersionScheme<'rpm'> = createScheme('rpm', key);

/**
 * The three parts of a version. If the version has no release, `release` is undefined, which sorts before every
 * release.
 */
type RpmVersion = { readonly epoch: number; readonly version: string; readonly release: string | undefined };

/**
 * Splits a version as rpmverParse() of rpm 4.20 does (rpmio/rpmver.c). Digits before the first colon are the epoch,
 * which is 0 if nothing precedes the colon; the release follows the last hyphen. The function accepts the characters of
 * package versions (ALLOWED_CHARS_EVR of rpmbuild) and all non-ASCII characters, which occur in older packages and
 * which rpm skips as it skips separators. The function rejects other characters, because they indicate a text that is
 * not a version, such as a list of versions, a comment, or `(none):1.0`.
 *
 * @throws ClairError `version/invalid`, whose message contains the version and the violated rule
 */
export function parseRpmVersion(text: string): RpmVersion {
  if (text === '') throw invalidVersion(text, 'is empty');
  if (text.length > MAX_VERSION_LENGTH) throw invalidVersion(text, `is longer than ${MAX_VERSION_LENGTH} characters`);

  const colon = text.indexOf(':');
  const epoch = colon < 0 ? 0 : parseEpoch(text.slice(0, colon), text);
  const rest = text.slice(colon + 1);
  const [refused] = /[^A-Za-z0-9._+%{}~^\u0080-\uffff-]/.exec(rest) ?? [];
  if (refused !== undefined) {
    throw invalidVersion(text, `has the character ${quotedVersion(refused)}, which rpm does not allow`);
  }

  const hyphen = rest.lastIndexOf('-');
  const version = hyphen < 0 ? rest : rest.slice(0, hyphen);
  const release = hyphen < 0 ? undefined : rest.slice(hyphen + 1);
  if (version === '') throw invalidVersion(text, 'has no version besides epoch and release');
  if (release === '') throw invalidVersion(text, 'has nothing after the hyphen');
  return { epoch, version, release };
}

function parseEpoch(epoch: string, text: string): number {
  if (!/^\d*$/.test(epoch)) throw invalidVersion(text, 'has an epoch that is not a number');
  const value = Number(epoch);
  if (value > MAX_EPOCH) throw invalidVersion(text, `has an epoch above ${MAX_EPOCH}`);
  return value;
}

/** The codes of a key, in the order in which rpmvercmp() ranks elements. */
const TILDE = '\u0001';
const END = '\u0002';
const CARET = '\u0003';
const LETTERS = '\u0004';
const NUMBER = '\u0005';

const NO_RELEASE = '\u0001';
const RELEASE = '\u0002';

/** Returns the key of a version, which is built as a string with a character for each byte. */
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
