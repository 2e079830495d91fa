/** The signatures of the headers and records of zip archives (PKWARE APPNOTE 4.3). */
export const LOCAL_HEADER = 0x04034b50;
export const DIRECTORY_HEADER = 0x02014b50;
export const END = 0x06054b50;
export const END_64 = 0x06064b50;
export const END_64_LOCATOR = 0x07064b50;
export const DESCRIPTOR = 0x08074b50;

export const LOCAL_HEADER_BYTES = 30;
export const DIRECTORY_HEADER_BYTES = 46;
export const END_BYTES = 22;
export const END_64_BYTES = 56;
export const END_64_LOCATOR_BYTES = 20;

/** The value of a 32-bit field whose content is in the Zip64 extra field. */
const IN_ZIP64 = 0xffffffff;
const ZIP64_EXTRA = 1;

const ENCRYPTED = 1;
const HAS_DESCRIPTOR = 8;

export const STORED = 0;
export const DEFLATED = 8;

/** The fields that the headers contain for a member. */
export type ZipMember = {
  readonly name: string;
  readonly method: number;
  readonly isEncrypted: boolean;
  /** Whether the sizes and the checksum follow the content. */
  readonly hasDescriptor: boolean;
  readonly checksum: number;
  readonly deflatedSize: number;
  readonly size: number;
  /** The size of the header with its variable fields. */
  readonly headerBytes: number;
};

/** A member of the central directory; `offset` is the stated offset of the local header. */
export type DirectoryMember = ZipMember & { readonly offset: number };

/**
 * Returns the size of a local header with its variable fields. Returns undefined if the bytes are not a local header,
 * or end within the fixed fields.
 */
export function localHeaderBytes(bytes: Buffer): number | undefined {
  if (bytes.length < LOCAL_HEADER_BYTES || bytes.readUInt32LE(0) !== LOCAL_HEADER) return undefined;
  return LOCAL_HEADER_BYTES + bytes.readUInt16LE(26) + bytes.readUInt16LE(28);
}

/** Reads a local header. Returns undefined if the bytes are not a local header, or if the header is cut off. */
export function parseLocalHeader(bytes: Buffer): ZipMember | undefined {
  const headerBytes = localHeaderBytes(bytes);
  if (headerBytes === undefined || headerBytes > bytes.length) return undefined;
  const nameEnd = LOCAL_HEADER_BYTES + bytes.readUInt16LE(26);
  const sizes = { size: bytes.readUInt32LE(22), deflatedSize: bytes.readUInt32LE(18), offset: 0 };
  const { size, deflatedSize } = withZip64(sizes, bytes.subarray(nameEnd, headerBytes));
  const name = bytes.toString('utf8', LOCAL_HEADER_BYTES, nameEnd);
  return { name, ...commonFields(bytes, 6), size, deflatedSize, headerBytes };
}

/** The name and the header size of a member of the central directory: enough to skip its header. */
export type DirectoryEntry = { readonly at: number; readonly headerBytes: number; readonly name: string };

/**
 * Reads the name in the central directory header at a position. Returns undefined if the position has no header of
 * this kind, or only a part of a header.
 */
export function parseDirectoryEntry(bytes: Buffer, at: number): DirectoryEntry | undefined {
  if (at + DIRECTORY_HEADER_BYTES > bytes.length || bytes.readUInt32LE(at) !== DIRECTORY_HEADER) return undefined;
  const nameBytes = bytes.readUInt16LE(at + 28);
  const headerBytes = DIRECTORY_HEADER_BYTES + nameBytes + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  if (at + headerBytes > bytes.length) return undefined;
  const nameAt = at + DIRECTORY_HEADER_BYTES;
  return { at, headerBytes, name: bytes.toString('utf8', nameAt, nameAt + nameBytes) };
}

/** Reads a complete central directory header (APPNOTE section 4.3.12). Sizes and offsets are in bytes. */
export function parseDirectoryHeader(bytes: Buffer, { at, headerBytes, name }: DirectoryEntry): DirectoryMember {
  const stated = {
    size: bytes.readUInt32LE(at + 24),
    deflatedSize: bytes.readUInt32LE(at + 20),
    offset: bytes.readUInt32LE(at + 42),
  };
  const extraAt = at + DIRECTORY_HEADER_BYTES + bytes.readUInt16LE(at + 28);
  const extra = bytes.subarray(extraAt, extraAt + bytes.readUInt16LE(at + 30));
  return { name, ...commonFields(bytes, at + 8), ...withZip64(stated, extra), headerBytes };
}

/** Reads the fields from the flags to the checksum, which both headers have. */
function commonFields(
  bytes: Buffer,
  at: number,
): Pick<ZipMember, 'method' | 'isEncrypted' | 'hasDescriptor' | 'checksum'> {
  const flags = bytes.readUInt16LE(at);
  return {
    method: bytes.readUInt16LE(at + 2),
    isEncrypted: (flags & ENCRYPTED) !== 0,
    hasDescriptor: (flags & HAS_DESCRIPTOR) !== 0,
    checksum: bytes.readUInt32LE(at + 8),
  };
}

type Sizes = { readonly size: number; readonly deflatedSize: number; readonly offset: number };

/**
 * Replaces the fields that have their values in the Zip64 extra field. The extra field contains only these values, in
 * the order of this function (APPNOTE 4.5.3).
 */
function withZip64(stated: Sizes, extra: Buffer): Sizes {
  const field = extraField(extra, ZIP64_EXTRA);
  if (field === undefined) return stated;
  let at = 0;
  const real = (value: number): number => {
    if (value !== IN_ZIP64 || at + 8 > field.length) return value;
    at += 8;
    return Number(field.readBigUInt64LE(at - 8));
  };
  return { size: real(stated.size), deflatedSize: real(stated.deflatedSize), offset: real(stated.offset) };
}

function extraField(extra: Buffer, id: number): Buffer | undefined {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) === id) return extra.subarray(at + 4, at + 4 + extra.readUInt16LE(at + 2));
  }
  return undefined;
}
