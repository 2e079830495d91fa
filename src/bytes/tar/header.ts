import { ClairError } from '../../errors.ts';

export const BLOCK_BYTES = 512;

/** A raw header block: names are not normalised, and extension headers are not applied. */
export type TarHeader = {
  /** The type flag as an ASCII code; 0 for files in the oldest archives. */
  readonly type: number;
  readonly name: string;
  readonly linkName: string;
  /** The body size according to this header; an extension header can override this size. */
  readonly size: number;
};

/** The type flags (POSIX.1-2017, pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format"). */
export const TYPE = {
  oldFile: 0x00,
  file: 0x30,
  hardLink: 0x31,
  symbolicLink: 0x32,
  characterDevice: 0x33,
  blockDevice: 0x34,
  directory: 0x35,
  fifo: 0x36,
  contiguousFile: 0x37,
  gnuLongLink: 0x4b,
  gnuLongName: 0x4c,
  gnuSparse: 0x53,
  paxGlobal: 0x67,
  paxNext: 0x78,
} as const;

const NAME = { at: 0, length: 100 };
const SIZE = { at: 124, length: 12 };
const CHECKSUM = { at: 148, length: 8 };
const TYPE_AT = 156;
const LINK_NAME = { at: 157, length: 100 };
const MAGIC_AT = 257;
/**
 * The field exists only in POSIX archives. GNU tar stores times in these bytes; the magic of GNU tar ends in a blank.
 */
const PREFIX = { at: 345, length: 155 };
const POSIX_MAGIC = [0x75, 0x73, 0x74, 0x61, 0x72, 0x00];

const BLANK = 0x20;
const ZERO = 0x30;
const SEVEN = 0x37;
const SLASH = 0x2f;

/** Returns whether the block at `at` is all zeros; two such blocks end an archive. */
export function isZeroBlock(bytes: Buffer, at: number): boolean {
  for (let index = at; index < at + BLOCK_BYTES; index++) if (bytes[index] !== 0) return false;
  return true;
}

/** Returns whether the (possibly partial) block at `at` contains the magic of POSIX or GNU tar. */
export function hasTarMagic(bytes: Buffer, at: number): boolean {
  return bytes.toString('latin1', at + MAGIC_AT, at + MAGIC_AT + 5) === 'ustar';
}

/**
 * Returns whether the checksum of the block at `at` is the sum of the bytes as unsigned numbers or, as in some old
 * programs, as signed numbers.
 */
export function isChecksumRight(bytes: Buffer, at: number): boolean {
  const stated = parseOctal(bytes, at + CHECKSUM.at, CHECKSUM.length);
  let unsigned = 0;
  let negative = 0;
  for (let index = at; index < at + BLOCK_BYTES; index++) {
    const byte = bytes[index] ?? 0;
    unsigned += byte;
    negative += byte >> 7;
  }
  // The bytes of the checksum field itself count as blanks.
  for (let index = at + CHECKSUM.at; index < at + CHECKSUM.at + CHECKSUM.length; index++) {
    const byte = bytes[index] ?? 0;
    unsigned += BLANK - byte;
    negative -= byte >> 7;
  }
  return stated === unsigned || stated === unsigned - 256 * negative;
}

/**
 * Parses the header block at `at`, which has a valid checksum. `where` names the block in messages.
 *
 * @throws ClairError `bytes/corrupt` when the stated size is invalid, `bytes/limit-exceeded` when the size exceeds
 * 2^53 - 1.
 */
export function parseHeader(bytes: Buffer, at: number, where: string): TarHeader {
  const type = bytes[at + TYPE_AT] ?? 0;
  let name = textAt(bytes, at + NAME.at, NAME.length);
  if (bytes[at + PREFIX.at] !== 0 && hasPosixMagic(bytes, at)) {
    name = `${textAt(bytes, at + PREFIX.at, PREFIX.length)}/${name}`;
  }
  const hasLink = type === TYPE.hardLink || type === TYPE.symbolicLink;
  return {
    type,
    name,
    linkName: hasLink ? textAt(bytes, at + LINK_NAME.at, LINK_NAME.length) : '',
    size: parseSize(bytes, at + SIZE.at, SIZE.length, where),
  };
}

/**
 * Parses a number field. The field contains octal digits or, if the first bit is set, a number in base 256 (GNU tar
 * manual, "Extensions").
 *
 * @throws ClairError `bytes/corrupt` for any other content and for negative numbers; `bytes/limit-exceeded` for numbers
 *   above 2^53 - 1
 */
export function parseSize(bytes: Buffer, at: number, length: number, where: string): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) {
    const size = parseOctal(bytes, at, length);
    if (size === -1) throw new ClairError('bytes/corrupt', `${where}: the size is not an octal number`);
    return size;
  }
  // The number is in two's complement after the marker bit, so the next bit is the sign.
  if ((first & 0x40) !== 0) throw new ClairError('bytes/corrupt', `${where}: the size is negative`);
  let size = first & 0x3f;
  for (let index = at + 1; index < at + length; index++) size = size * 256 + (bytes[index] ?? 0);
  if (!Number.isSafeInteger(size)) {
    throw new ClairError('bytes/limit-exceeded', `${where}: the size exceeds 2^53 - 1 bytes`);
  }
  return size;
}

/**
 * Parses octal digits between blanks or NULs. Returns 0 for an empty field, by convention, and -1 for any other
 * content.
 */
function parseOctal(bytes: Buffer, at: number, length: number): number {
  const end = at + length;
  let index = at;
  while (index < end && (bytes[index] === BLANK || bytes[index] === 0)) index++;
  let value = 0;
  for (; index < end; index++) {
    const byte = bytes[index] ?? 0;
    if (byte === BLANK || byte === 0) break;
    if (byte < ZERO || byte > SEVEN) return -1;
    value = value * 8 + byte - ZERO;
  }
  return value;
}

function hasPosixMagic(bytes: Buffer, at: number): boolean {
  return POSIX_MAGIC.every((byte, index) => bytes[at + MAGIC_AT + index] === byte);
}

/** Reads the text up to a NUL or the end of the field. Invalid UTF-8 becomes U+FFFD. */
function textAt(bytes: Buffer, at: number, length: number): string {
  let end = at;
  let isAscii = true;
  for (; end < at + length; end++) {
    const byte = bytes[end] ?? 0;
    if (byte === 0) break;
    if (byte >= 0x80) isAscii = false;
  }
  return bytes.toString(isAscii ? 'latin1' : 'utf8', at, end);
}

/** Returns whether a name ends in a slash. In the oldest archives, the slash marks a directory. */
export function endsInSlash(name: string): boolean {
  return name.charCodeAt(name.length - 1) === SLASH;
}
