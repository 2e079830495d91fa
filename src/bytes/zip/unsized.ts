import { DESCRIPTOR, DIRECTORY_HEADER, LOCAL_HEADER } from './headers.ts';

/** The descriptor that follows a member of unknown size (APPNOTE 4.3.9). */
export type Descriptor = {
  /** The position of the descriptor, which is the end of the member. */
  readonly at: number;
  /** The size of the descriptor. */
  readonly bytes: number;
  readonly checksum: number;
  /** The size of the inflated member. */
  readonly size: number;
};

/**
 * The size of a descriptor with a signature, without and with Zip64. A descriptor consists of an optional signature,
 * the checksum, and two sizes of 4 bytes each, or of 8 bytes each in Zip64.
 */
const DESCRIPTOR_BYTES = 16;
export const MAX_DESCRIPTOR_BYTES = 24;

/** The size of the signature at the start of each header. */
export const MARK_BYTES = 4;

/**
 * The number of bytes at the end of a part that can belong to a descriptor and to the signature after the descriptor.
 */
export const KEPT_BYTES: number = MAX_DESCRIPTOR_BYTES + MARK_BYTES - 1;

const NEXT_MARKS: ReadonlySet<number> = new Set([LOCAL_HEADER, DIRECTORY_HEADER]);

/**
 * Returns the size of a descriptor with a signature; the position of the next header's signature determines the size.
 */
export function signedDescriptorBytes(bytes: Buffer): number {
  return NEXT_MARKS.has(bytes.readUInt32LE(DESCRIPTOR_BYTES)) ? DESCRIPTOR_BYTES : MAX_DESCRIPTOR_BYTES;
}

/**
 * Finds the end of a member. The member ends at the first descriptor that states the number of bytes before the
 * descriptor and is followed by a header. Returns undefined if `bytes` does not contain the end.
 *
 * @param from the position in `bytes` before which no header starts
 * @param before the number of bytes of the member that precede `bytes`
 * @param countMark counts a tested signature; if it returns an exceeded limit in words, the search returns this limit
 */
export function findDescriptor(
  bytes: Buffer,
  { from, before }: { readonly from: number; readonly before: number },
  countMark: () => string | undefined,
): Descriptor | string | undefined {
  for (let at = bytes.indexOf(MARK_START, from); at !== -1; at = bytes.indexOf(MARK_START, at + 1)) {
    if (at + MARK_BYTES > bytes.length) return undefined;
    const exceeded = countMark();
    if (exceeded !== undefined) return exceeded;
    // The Zip64 form is tested first, because the second half of a Zip64 descriptor can look like a descriptor with
    // 32-bit sizes.
    const found = NEXT_MARKS.has(bytes.readUInt32LE(at))
      ? (descriptorBefore(bytes, at, before, 8) ?? descriptorBefore(bytes, at, before, 4))
      : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

const MARK_START: Buffer = Buffer.from('PK');

function descriptorBefore(bytes: Buffer, end: number, before: number, sizeBytes: 4 | 8): Descriptor | undefined {
  const start = end - 4 - 2 * sizeBytes;
  if (start < 0) return undefined;
  // BigInt would be too slow for hostile archives, which have a signature every 4 bytes.
  const sizeAt = (at: number): number =>
    bytes.readUInt32LE(at) + (sizeBytes === 8 ? 2 ** 32 * bytes.readUInt32LE(at + 4) : 0);
  const deflatedSize = sizeAt(start + 4);
  const markBytes = deflatedSize === before + start - MARK_BYTES ? MARK_BYTES : 0;
  const at = start - markBytes;
  if (deflatedSize !== before + at) return undefined;
  if (markBytes > 0 && bytes.readUInt32LE(at) !== DESCRIPTOR) return undefined;
  return { at, bytes: end - at, checksum: bytes.readUInt32LE(start), size: sizeAt(start + 4 + sizeBytes) };
}
