import { base256 } from '../../../src/bytes/testing/tar-builder.ts';
import type { Random } from './random.ts';

const BLOCK_BYTES = 512;
const CHECKSUM = { at: 148, length: 8 } as const;

/** Header fields, including the fields of old GNU sparse files (GNU tar manual, "Basic Tar Format"). */
const FIELDS = [
  { name: 'name', at: 0, length: 100, holds: 'text' },
  { name: 'size', at: 124, length: 12, holds: 'number' },
  { name: 'type', at: 156, length: 1, holds: 'type' },
  { name: 'link', at: 157, length: 100, holds: 'text' },
  { name: 'magic', at: 257, length: 8, holds: 'text' },
  { name: 'prefix', at: 345, length: 155, holds: 'text' },
  { name: 'sparse offset', at: 386, length: 12, holds: 'number' },
  { name: 'sparse length', at: 398, length: 12, holds: 'number' },
  { name: 'sparse size', at: 483, length: 12, holds: 'number' },
] as const;

const TYPES = ['\0', '0', '1', '2', '3', '5', '6', '7', 'L', 'K', 'x', 'g', 'S', 'V', 'D', '~'] as const;
const SIZES = [0, 1, 511, 512, 513, 1024, 65_537, 1_048_577, 2 ** 31, 2 ** 33 - 1] as const;

/** Returns the offsets of headers with a valid checksum. */
export function headersOf(bytes: Buffer): readonly number[] {
  const headers: number[] = [];
  for (let at = 0; at + BLOCK_BYTES <= bytes.length; at += BLOCK_BYTES) {
    if (bytes[at] === 0 || bytes[at + CHECKSUM.at] === 0) continue;
    const stated = bytes.toString('latin1', at + CHECKSUM.at, at + CHECKSUM.at + 6);
    if (/^[0-7]{6}$/.test(stated) && Number.parseInt(stated, 8) === sumOf(bytes, at)) headers.push(at);
  }
  return headers;
}

/**
 * Changes a field of the header at `at` and repairs the checksum, so that the reader accepts the header; returns a
 * description.
 */
export function changeTarHeader(bytes: Buffer, at: number, random: Random): string {
  const field = random.pick(FIELDS);
  const start = at + field.at;
  if (field.holds === 'type') bytes.write(random.pick(TYPES), start, 'latin1');
  else if (field.holds === 'number') bytes.set(numberOf(random, field.length), start);
  else bytes.writeUInt8(random.below(256), start + random.below(field.length));
  const sum = sumOf(bytes, at).toString(8).padStart(6, '0');
  bytes.write(`${sum}\0 `, at + CHECKSUM.at, 'latin1');
  return `${field.name} of the header at ${at}`;
}

function numberOf(random: Random, length: number): Buffer {
  const size = random.pick([...SIZES, random.below(4096)]);
  const octal = Buffer.from(`${size.toString(8).padStart(length - 1, '0')}\0`);
  return random.pick([
    octal,
    octal,
    base256(BigInt(size)),
    base256(-1n),
    Buffer.alloc(length, ' 7x'),
    base256(2n ** 62n),
  ]);
}

function sumOf(bytes: Buffer, at: number): number {
  let sum = 0;
  for (let index = 0; index < BLOCK_BYTES; index += 1) {
    const isChecksum = index >= CHECKSUM.at && index < CHECKSUM.at + CHECKSUM.length;
    sum += isChecksum ? 0x20 : bytes.readUInt8(at + index);
  }
  return sum;
}
