/**
 * The version scheme of dpkg, whose versions have the form `[epoch:]upstream[-revision]` (Debian Policy 5.6.12). The
 * keys are compared byte by byte:
 *
 *     key        = epoch part part            the upstream part, then the revision part; an absent revision is "0"
 *     epoch      = 4 bytes, big-endian
 *     part       = pair { pair } END          the first pair always exists, a later pair only if it has a character
 *     pair       = characters END number      dpkg reads a part as alternating runs of non-digits and digits
 *     characters = { one byte each }          `~` 01, letters their ASCII code, others their ASCII code + 80
 *     number     = length digits              in ASCII and without leading zeros, so nothing at all for 0
 *     length     = 1 byte up to FD; from FE on the byte FE and then 2 bytes, big-endian
 *     END        = 02                         the end of a run sorts between `~` and the letters
 *
 * Every element is self-delimiting, so no key is a prefix of another. The epoch is below 2^31, so no key starts with
 * FF.
 */
import { invalidVersion } from './keys/invalid-version.ts';
import { createScheme, type VersionScheme } from './scheme.ts';

/**
 * The maximum length of a version. dpkg has no limit; the longest version in the main index of Debian 13 (amd64) has 52
 * characters.
 */
const MAX_VERSION_LENGTH = 1024;

/** The highest epoch, because dpkg stores the epoch in an `int`. */
const MAX_EPOCH = 0x7fff_ffff;

/** Orders versions as `dpkg --compare-versions` does; {@link parseDpkgVersion} describes the accepted versions. */
export const dpkg: VersionScheme<'dpkg'> = createScheme('dpkg', key);

/** The three parts of a version; an absent revision equals `0`. */
type DpkgVersion = { readonly epoch: number; readonly upstream: string; readonly revision: string };

/**
 * Splits a version into its parts. The function rejects versions that dpkg always rejects (lib/dpkg/parsehelp.c; `dpkg
 * --validate-version` exits with 2), control characters, and non-ASCII characters, whose order in dpkg depends on
 * whether `char` is signed. The function accepts versions for which dpkg only prints a warning (exit status 1). These
 * are upstream versions that do not start with a digit, and versions with printable characters that Debian Policy does
 * not permit, such as `_`.
 *
 * @throws ClairError `version/invalid`, whose message contains the version and the violated rule
 */
export function parseDpkgVersion(text: string): DpkgVersion {
  if (text.length > MAX_VERSION_LENGTH) throw invalidVersion(text, `is longer than ${MAX_VERSION_LENGTH} characters`);
  const version = withoutBlanksAround(text);
  if (version === '') throw invalidVersion(text, 'is empty');
  if (/[^!-~]/.test(version)) {
    throw invalidVersion(
      text,
      /[ \t]/.test(version) ? 'contains a blank' : 'contains a character that is not printable ASCII',
    );
  }

  const colon = version.indexOf(':');
  const epoch = colon < 0 ? 0 : parseEpoch(version.slice(0, colon), text);
  const rest = version.slice(colon + 1);
  if (rest === '') throw invalidVersion(text, 'has nothing after the colon');

  const hyphen = rest.lastIndexOf('-');
  const upstream = hyphen < 0 ? rest : rest.slice(0, hyphen);
  const revision = hyphen < 0 ? '0' : rest.slice(hyphen + 1);
  if (upstream === '') throw invalidVersion(text, 'has an empty upstream version');
  if (revision === '') throw invalidVersion(text, 'has an empty revision');
  return { epoch, upstream, revision };
}

/** Removes blanks and tabs around a text, as dpkg does. The text is copied only if it has blanks or tabs at an end. */
function withoutBlanksAround(text: string): string {
  return /^[ \t]|[ \t]$/.test(text) ? text.replace(/^[ \t]+/, '').replace(/[ \t]+$/, '') : text;
}

/** Reads the epoch as strtol(3) does, which dpkg uses and which accepts a sign, so that `+1` is 1 and `-0` is 0. */
function parseEpoch(epoch: string, text: string): number {
  if (epoch === '') throw invalidVersion(text, 'has an empty epoch');
  if (!/^[+-]?\d+$/.test(epoch)) throw invalidVersion(text, 'has an epoch that is not a number');
  const value = Number(epoch);
  if (value < 0) throw invalidVersion(text, 'has a negative epoch');
  if (value > MAX_EPOCH) throw invalidVersion(text, `has an epoch above ${MAX_EPOCH}`);
  return Math.abs(value);
}

const EPOCH_BYTES = 4;
const END_OF_RUN = 0x02;
const TILDE_CODE = 0x01;
const OTHER_CHARACTER = 0x80;
const LONG_NUMBER = 0xfe;

const TILDE = 0x7e;
const ZERO = 0x30;
const NINE = 0x39;

function key(version: string): Uint8Array {
  const { epoch, upstream, revision } = parseDpkgVersion(version);
  const bytes = new Uint8Array(EPOCH_BYTES + maxPartBytes(upstream) + maxPartBytes(revision));
  bytes[0] = epoch >>> 24;
  bytes[1] = epoch >>> 16;
  bytes[2] = epoch >>> 8;
  bytes[3] = epoch;
  const end = writePart(bytes, writePart(bytes, EPOCH_BYTES, upstream), revision);
  return bytes.slice(0, end);
}

/**
 * Returns the maximum number of bytes of a part. A pair adds two bytes to its characters, and only the first and last
 * pair may have fewer than two characters. The end of the part adds a byte.
 */
function maxPartBytes(part: string): number {
  return 2 * part.length + 3;
}

/** Writes a part at `start` and returns the offset after it. */
function writePart(bytes: Uint8Array, start: number, part: string): number {
  let at = start;
  let next = 0;
  do {
    while (next < part.length && !isDigit(part.charCodeAt(next))) {
      bytes[at++] = characterCode(part.charCodeAt(next++));
    }
    bytes[at++] = END_OF_RUN;

    while (part.charCodeAt(next) === ZERO) next++;
    const first = next;
    while (next < part.length && isDigit(part.charCodeAt(next))) next++;
    at = writeLength(bytes, at, next - first);
    for (let digit = first; digit < next; digit++) bytes[at++] = part.charCodeAt(digit);
  } while (next < part.length);
  bytes[at++] = END_OF_RUN;
  return at;
}

function writeLength(bytes: Uint8Array, start: number, length: number): number {
  let at = start;
  if (length >= LONG_NUMBER) {
    bytes[at++] = LONG_NUMBER;
    bytes[at++] = length >>> 8;
  }
  bytes[at++] = length;
  return at;
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE;
}

function characterCode(code: number): number {
  if (code === TILDE) return TILDE_CODE;
  return isLetter(code) ? code : code + OTHER_CHARACTER;
}

/**
 * Returns whether a code is the code of an ASCII letter. Setting bit 5 changes a letter to lower case, and changes no
 * other character to a letter.
 */
function isLetter(code: number): boolean {
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}
