import type { ByteStream } from '../byte-stream.ts';

/** A valid or damaged member of a tar archive for tests. The builder shares no code with the reader under test. */
export type Member = {
  readonly name: string | Buffer;
  /** The type flag; by default `0`, which means a file. */
  readonly type?: string;
  readonly content?: string | Buffer;
  readonly link?: string;
  /** The stated size; defaults to the size of the content. */
  readonly size?: number;
  /** POSIX ustar by default. */
  readonly format?: 'ustar' | 'gnu' | 'v7';
  /** Bytes to write over the header before its checksum is computed. */
  readonly patch?: { readonly at: number; readonly bytes: Buffer | string };
  /** Sums the header bytes as signed numbers, as some old programs did. */
  readonly signedChecksum?: boolean;
};

const BLOCK_BYTES = 512;
const MAGIC = { ustar: 'ustar\u000000', gnu: 'ustar  \u0000', v7: '' };

/** Writes an archive with its two end blocks. */
export function tarOf(...members: readonly (Member | Buffer)[]): Buffer {
  return Buffer.concat([withoutEnd(...members), END]);
}

export const END: Buffer = Buffer.alloc(2 * BLOCK_BYTES);

/** Writes members and raw bytes without end blocks. */
export function withoutEnd(...members: readonly (Member | Buffer)[]): Buffer {
  return Buffer.concat(members.map((member) => (Buffer.isBuffer(member) ? member : tarMember(member))));
}

export function tarMember(member: Member): Buffer {
  const content = Buffer.from(member.content ?? '');
  const padding = Buffer.alloc((BLOCK_BYTES - (content.length % BLOCK_BYTES)) % BLOCK_BYTES);
  return Buffer.concat([tarHeader({ size: content.length, ...member }), content, padding]);
}

export function tarHeader(member: Member): Buffer {
  const header = Buffer.from(FIELDS);
  const write = (at: number, length: number, text: string | Buffer): void => {
    header.set(Buffer.from(text).subarray(0, length), at);
  };
  write(0, 100, member.name);
  write(124, 12, sizeField(member.size ?? 0));
  write(156, 1, member.type ?? '0');
  if (member.link !== undefined) write(157, 100, member.link);
  header.write(MAGIC[member.format ?? 'ustar'], 257, 'latin1');
  if (member.patch !== undefined) header.set(Buffer.from(member.patch.bytes), member.patch.at);
  header.fill(' ', 148, 156);
  let sum = 0;
  for (let at = 0; at < BLOCK_BYTES; at++) sum += member.signedChecksum === true ? header.readInt8(at) : header[at]!;
  header.write(`${sum.toString(8).padStart(6, '0')}\u0000 `, 148, 'latin1');
  return header;
}

const FIELDS: Buffer = Buffer.alloc(BLOCK_BYTES);
FIELDS.write('0000644\u00000000000\u00000000000\u0000', 100, 'latin1');
FIELDS.write('00000000000\u0000', 136, 'latin1');

/** Writes a PAX record. The length of the record includes the digits of the length. */
export function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + 1;
  while (String(length).length + rest !== length) length++;
  return `${length} ${key}=${value}\n`;
}

/** Writes a PAX header for the next member, or a global header with type `g`. */
export function pax(records: Readonly<Record<string, string>>, type: 'x' | 'g' = 'x'): Member {
  const content = Object.entries(records).map(([key, value]) => paxRecord(key, value));
  return { name: 'PaxHeaders/0', type, content: content.join('') };
}

/** Writes GNU tar's header for a long name (`L`) or link target (`K`) of the next member. */
export function gnuLong(type: 'L' | 'K', text: string): Member {
  return { name: '././@LongLink', type, content: `${text}\u0000`, format: 'gnu' };
}

/** Encodes a number field in base 256; GNU tar uses base 256 for numbers that do not fit in octal digits. */
export function base256(value: bigint): Buffer {
  const field = Buffer.alloc(12, value < 0n ? 0xff : 0);
  field.writeBigInt64BE(value, 4);
  if (value >= 0n) field[0] = 0x80;
  return field;
}

export async function* inChunks(bytes: Uint8Array, size: number = 64 * 1024): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Returns all bytes of a stream. */
export async function allOf(stream: ByteStream): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function sizeField(size: number): string | Buffer {
  return size < 8 ** 11 ? `${size.toString(8).padStart(11, '0')}\u0000` : base256(BigInt(size));
}
