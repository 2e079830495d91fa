import { inflateRawSync } from 'node:zlib';
import crc32 from 'crc-32';
import { type ZipBytes, zipInMemory } from './bytes.ts';
import { DEFLATED, STORED, type ZipMember } from './headers.ts';
import type { ZipUse } from './use.ts';
import type { ZipVisitor } from './visitor.ts';

/** An archive that is being read. */
export type OpenZip = {
  readonly visitor: ZipVisitor;
  readonly use: ZipUse;
  /** The number of archives that contain this archive. */
  readonly depth: number;
  /** Reads an archive that is a member of this archive. */
  readonly nested: (bytes: ZipBytes, visitor: ZipVisitor) => void;
};

/** The form in which a member is read. */
export type ReadWish = 'content' | 'archive';

/** Reports a fault of a member to the visitor, such as a wrong checksum or the reason why the member is not read. */
export function memberFault({ visitor }: OpenZip, name: string, what: string): void {
  const shown = name.length > MAX_SHOWN_CHARACTERS ? `${name.slice(0, MAX_SHOWN_CHARACTERS)}…` : name;
  visitor.fault(`${JSON.stringify(shown)} ${what}`);
}

const MAX_SHOWN_CHARACTERS = 200;

/** Returns the reason why a member cannot be read according to its header, or undefined for a readable member. */
export function unreadableMember({ method, isEncrypted }: ZipMember, wish: ReadWish, zip: OpenZip): string | undefined {
  const { maxDepth } = zip.use.limits;
  if (wish === 'archive' && zip.depth >= maxDepth) return `is nested in more than ${maxDepth} archives`;
  if (isEncrypted) return 'is encrypted';
  return method === STORED || method === DEFLATED
    ? undefined
    : `is compressed by method ${method}, which is not supported`;
}

/**
 * Reads a member and passes it to the visitor, or reports to the visitor why the member is not read.
 *
 * @param stored the bytes in the archive
 */
export function readMember(zip: OpenZip, member: ZipMember, wish: ReadWish, stored: ZipBytes): void {
  const { visitor, use, nested } = zip;
  const { name, method } = member;
  if (method === STORED && wish === 'archive') {
    // A stored archive is read in place, so only the members of the archive count against the limits.
    nested(stored, visitor.archive(name));
    return;
  }
  const size = method === STORED ? stored.length : member.size;
  const exceeded = use.excessOf(size, stored.length, wish) ?? use.countRead(size, wish);
  if (exceeded !== undefined) {
    memberFault(zip, name, exceeded);
    return;
  }
  const whole = stored.range(0, stored.length);
  const content = method === STORED ? whole : inflated(zip, member, whole);
  if (content !== undefined) giveMember(zip, member, wish, content);
}

/** Passes the content of a member to the visitor, or reads the content as an archive. */
export function giveMember(zip: OpenZip, { name, checksum }: ZipMember, wish: ReadWish, content: Buffer): void {
  const { visitor, use, nested } = zip;
  if (wish === 'content') {
    if (crc32.buf(content) >>> 0 !== checksum) memberFault(zip, name, 'has a wrong checksum');
    visitor.content(name, content);
    return;
  }
  use.hold(content.length);
  nested(zipInMemory(content), visitor.archive(name));
  use.hold(-content.length);
}

function inflated(zip: OpenZip, { name, size }: ZipMember, deflated: Buffer): Buffer | undefined {
  try {
    // With a chunk size equal to the stated size, a large member needs no copy.
    const chunkSize = Math.max(MIN_CHUNK_BYTES, size);
    const bytes = inflateRawSync(deflated, { maxOutputLength: Math.max(size, 1), chunkSize });
    if (bytes.length !== size) memberFault(zip, name, `is ${bytes.length} bytes instead of ${size}`);
    return bytes;
  } catch (error) {
    const isLarger = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    memberFault(zip, name, isLarger ? `is larger than the stated ${size} bytes` : 'is damaged');
    return undefined;
  }
}

/** The minimum chunk size; zlib requires at least 64 bytes. */
const MIN_CHUNK_BYTES = 1024;
