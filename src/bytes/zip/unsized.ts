import { constants, inflateRawSync } from 'node:zlib';
import { DESCRIPTOR, DIRECTORY_HEADER, LOCAL_HEADER } from './headers.ts';

/** The descriptor that follows a member of unknown size (APPNOTE 4.3.9). */
export type Descriptor = { readonly bytes: number; readonly checksum: number };

/**
 * The size of a descriptor: the mark, which may be missing, the checksum, and two sizes of 4 bytes, or of 8 bytes in
 * Zip64.
 */
export const DESCRIPTOR_BYTES = 16;
export const MAX_DESCRIPTOR_BYTES = 24;

/** The bytes that must follow a member: the descriptor, and the mark of the next header. */
export const BYTES_AFTER_MEMBER: number = MAX_DESCRIPTOR_BYTES + 4;

const NEXT_MARKS: ReadonlySet<number> = new Set([LOCAL_HEADER, DIRECTORY_HEADER]);

/** Returns the bytes of a descriptor with its mark, by the mark of the header that follows. */
export function signedDescriptorBytes(bytes: Buffer): number {
  return NEXT_MARKS.has(bytes.readUInt32LE(DESCRIPTOR_BYTES)) ? DESCRIPTOR_BYTES : MAX_DESCRIPTOR_BYTES;
}

/** Reads the descriptor of a member at the end of its bytes; undefined if it states other sizes. */
export function descriptorAt(bytes: Buffer, deflatedSize: number, size: number): Descriptor | undefined {
  const markBytes = bytes.readUInt32LE(deflatedSize) === DESCRIPTOR ? 4 : 0;
  const start = deflatedSize + markBytes;
  const checksum = bytes.readUInt32LE(start);
  const isNext = (at: number): boolean => NEXT_MARKS.has(bytes.readUInt32LE(at));
  const hasSizes = bytes.readUInt32LE(start + 4) === deflatedSize && bytes.readUInt32LE(start + 8) === size;
  // For an empty member, both notations state the same sizes.
  if (hasSizes && isNext(start + 12)) return { bytes: markBytes + 12, checksum };
  const has64 = bytes.readBigUInt64LE(start + 4) === BigInt(deflatedSize);
  return has64 && isNext(start + 20) ? { bytes: markBytes + 20, checksum } : undefined;
}

/** The deflated member at the start of bytes: its content and size, or the reason why the member cannot be inflated. */
export type InflatedStart = { readonly content: Buffer; readonly used: number; readonly fault?: string };

/** Inflates the member at the start of bytes; if `used` is their number, the member may be longer. */
export function inflatedStart(bytes: Buffer, maxBytes: number): InflatedStart {
  try {
    const finishFlush = constants.Z_SYNC_FLUSH;
    const inflated: unknown = inflateRawSync(bytes, { info: true, finishFlush, maxOutputLength: maxBytes });
    if (!hasInformation(inflated)) throw new TypeError('zlib returned no information');
    return { content: inflated.buffer, used: inflated.engine.bytesWritten };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ERR_BUFFER_TOO_LARGE') return { ...NOTHING, fault: `has more than ${maxBytes} bytes` };
    if (typeof code === 'string' && code.startsWith('Z_')) return { ...NOTHING, fault: 'is damaged' };
    throw error;
  }
}

const NOTHING = { content: Buffer.alloc(0), used: 0 } as const;

/** The option `info` changes the result of zlib, which its types do not state. */
type WithInformation = { readonly buffer: Buffer; readonly engine: { readonly bytesWritten: number } };

function hasInformation(value: unknown): value is WithInformation {
  return typeof value === 'object' && value !== null && 'engine' in value;
}
