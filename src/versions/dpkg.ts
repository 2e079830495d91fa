/**
 * The version scheme of dpkg: `[epoch:]upstream[-revision]` (Debian Policy 5.6.12) as a key that compares byte by byte.
 *
 *     key        = epoch part part            the upstream part, then the revision part; an absent revision is "0"
 *     epoch      = 4 bytes, big-endian
 *     part       = pair { pair } END          the first pair is always there, a later one only if it holds a character
 *     pair       = characters END number      how dpkg reads a part: a run of non-digits, a run of digits, and again
 *     characters = { one byte each }          `~` 01, letters their ASCII code, all others their ASCII code + 80
 *     number     = length digits              in ASCII and without leading zeros, so nothing at all for 0
 *     length     = 1 byte up to FD; from FE on the byte FE and then 2 bytes, big-endian
 *     END        = 02                         the end of a run lies between `~` and the letters
 *
 * Every element tells where it ends, so no key is a prefix of another; the epoch is below 2^31, so none starts with FF.
 */
import { invalidVersion } from './invalid-version.ts';
import { createScheme, type VersionScheme } from './scheme.ts';

/** The most characters of a version. dpkg has no bound; the longest in the main index of Debian 13 (amd64) has 52. */
const MAX_VERSION_LENGTH = 1024;

/** The highest epoch: dpkg keeps it in an `int`. */
const MAX_EPOCH = 0x7fff_ffff;

/** Orders versions as `dpkg --compare-versions` does; {@link parseDpkgVersion} says which it accepts. */
export const dpkg: VersionScheme<'dpkg'> = createScheme('dpkg', key);

/** The three parts of a version; `revision` is `0`, its equal, where the version has none. */
type DpkgVersion = { readonly epoch: number; readonly upstream: string; readonly revision: string };

/**
 * Takes a version apart. What dpkg refuses everywhere is refused (lib/dpkg/parsehelp.c, `dpkg --validate-version`
 * exits with 2). What dpkg only warns of in its own database, where it may have been for years, is accepted and ordered
 * as dpkg orders it (exit status 1): an upstream version without a digit at its start, printable characters such as `_`
 * beyond those of Debian Policy. Control and non-ASCII characters are refused: the order in which dpkg puts the latter
 * depends on whether `char` is signed.
 *
 * @throws ClairError `version/invalid` naming the version and the rule that it breaks.
 */
export function parseDpkgVersion(text: string): DpkgVersion {
  if (text.length > MAX_VERSION_LENGTH) throw invalidVersion(text, `is longer than ${MAX_VERSION_LENGTH} characters`);
  const version = withoutBlanksAround(text);
  if (version === '') throw invalidVersion(text, 'is empty');
  if (/[^!-~]/.test(version)) {
    throw invalidVersion(
      text,
      /[ \t]/.test(version) ? 'has a blank inside' : 'has a character that is not printable ASCII',
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

/** dpkg trims the blank and the tab, no other white space. Most versions have neither: only then is a copy made. */
function withoutBlanksAround(text: string): string {
  return /^[ \t]|[ \t]$/.test(text) ? text.replace(/^[ \t]+/, '').replace(/[ \t]+$/, '') : text;
}

/** Reads the epoch as strtol(3) does, which dpkg uses: a sign is allowed, so that `+1` is 1 and `-0` is 0. */
function parseEpoch(epoch: string, text: string): number {
  if (!/^[+-]?\d/.test(epoch)) throw invalidVersion(text, 'has an empty epoch');
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
 * A pair adds two bytes to its characters, and only the first and the last pair may be shorter than two characters;
 * the part adds one.
 */
function maxPartBytes(part: string): number {
  return 2 * part.length + 3;
}

/** Writes a part from `start` on and gives the offset behind it. */
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

/** Setting bit 5 makes an ASCII letter lower-case and no other character a lower-case letter. */
function isLetter(code: number): boolean {
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}
