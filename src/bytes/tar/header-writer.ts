import { BLOCK_BYTES } from './header.ts';
import { paddingOf } from './member-kind.ts';

/** A member to describe. Names must not contain NUL. */
export type WrittenMember = {
  /** The type flag, an ASCII code. */
  readonly type: number;
  readonly name: string;
  readonly link: string;
  readonly size: number;
};

/**
 * Returns the header of a member, with a PAX header before it for names and sizes that do not fit (POSIX.1-2017, pax).
 * The fields for the owner, the mode and the time are empty.
 */
export function tarHeaderOf({ type, name, link, size }: WrittenMember): Buffer {
  const records = [
    ...(fits(name) ? [] : [paxRecord('path', name)]),
    ...(fits(link) ? [] : [paxRecord('linkpath', link)]),
    ...(size <= MAX_SIZE ? [] : [paxRecord('size', String(size))]),
  ];
  const header = headerBlock(type, name, link, size);
  if (records.length === 0) return header;
  const body = Buffer.from(records.join(''));
  return Buffer.concat([
    headerBlock(PAX_NEXT, '', '', body.length),
    body,
    Buffer.alloc(paddingOf(body.length)),
    header,
  ]);
}

const PAX_NEXT = 0x78;

/** The largest size that fits into the field: 11 octal digits. */
const MAX_SIZE = 8 ** 11 - 1;

const NAME_BYTES = 100;

function fits(name: string): boolean {
  return Buffer.byteLength(name) <= NAME_BYTES;
}

/** Returns a record whose stated length includes the digits of the length. */
function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest;
  while (length !== rest + String(length).length) length = rest + String(length).length;
  return `${length} ${key}=${value}\n`;
}

function headerBlock(type: number, name: string, link: string, size: number): Buffer {
  const block = Buffer.from(EMPTY_BLOCK);
  block[TYPE_AT] = type;
  if (fits(name)) block.write(name, 0);
  if (link !== '' && fits(link)) block.write(link, LINK_AT);
  if (size > 0) block.write(Math.min(size, MAX_SIZE).toString(8).padStart(SIZE_DIGITS, '0'), SIZE_AT, 'latin1');
  let sum = 0;
  for (let at = 0; at < BLOCK_BYTES; at += 1) sum += block[at] ?? 0;
  block.write(`${sum.toString(8).padStart(6, '0')}\u0000`, CHECKSUM_AT, 'latin1');
  return block;
}

const SIZE_AT = 124;
const SIZE_DIGITS = 11;
const CHECKSUM_AT = 148;
const TYPE_AT = 156;
const LINK_AT = 157;
const MAGIC_AT = 257;

/** A header without a name. The bytes of the checksum count as blanks. */
const EMPTY_BLOCK: Buffer = Buffer.alloc(BLOCK_BYTES);
EMPTY_BLOCK.write('0'.repeat(SIZE_DIGITS), SIZE_AT, 'latin1');
EMPTY_BLOCK.fill(' ', CHECKSUM_AT, TYPE_AT);
EMPTY_BLOCK.write('ustar\u000000', MAGIC_AT, 'latin1');
