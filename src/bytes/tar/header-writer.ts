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

/** The largest size of 11 octal digits. */
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
  const block = Buffer.alloc(BLOCK_BYTES);
  const write = (text: string, at: number, length: number): void => void block.write(text, at, length, 'utf8');
  if (fits(name)) write(name, 0, NAME_BYTES);
  if (fits(link)) write(link, 157, NAME_BYTES);
  write(Math.min(size, MAX_SIZE).toString(8).padStart(11, '0'), 124, 11);
  block[156] = type;
  write('ustar\u000000', 257, 8);
  // The bytes of the checksum field count as blanks.
  block.fill(' ', 148, 156);
  const sum = block.reduce((all, byte) => all + byte, 0);
  write(`${sum.toString(8).padStart(6, '0')}\u0000 `, 148, 8);
  return block;
}
