import { membersText } from './members-text.ts';
import type { ZipBytes } from './bytes.ts';
import { COUNT_RANGE, findDirectory } from './directory.ts';
import {
  type DirectoryMember,
  LOCAL_HEADER_BYTES,
  localHeaderBytes,
  parseDirectoryEntry,
  parseDirectoryHeader,
  parseLocalHeader,
  type ZipMember,
} from './headers.ts';
import { memberFault, type OpenZip, type ReadWish, readMember, unreadableMember } from './member.ts';
import { createZipUse, type ZipUse } from './use.ts';
import type { ZipVisitor } from './visitor.ts';

/**
 * Reads a zip archive, and the archives inside it, with their central directories, as Java does. Supports Zip64, a
 * script in front of the archive, and stored and deflated members. Reads only wanted members. Checks the limits for
 * each member, so that neither overlapping members nor wrong sizes cost more than the limits allow.
 *
 * @param depth the number of archives that contain this archive
 */
export function readZip(bytes: ZipBytes, visitor: ZipVisitor, use: ZipUse = createZipUse(), depth = 0): void {
  const fault = use.countArchive() ?? readMembers(bytes, visitor, use, depth);
  if (fault !== undefined) visitor.fault(`the archive ${fault}`);
  visitor.end();
}

/** Returns the reason why members might be missing, or undefined if no member is missing. */
function readMembers(bytes: ZipBytes, visitor: ZipVisitor, use: ZipUse, depth: number): string | undefined {
  const directory = findDirectory(bytes);
  if (directory === undefined) return 'has no central directory';
  const { start, end, base, count } = directory;
  if (end - start > use.limits.maxHeldBytes)
    return `has a central directory larger than ${use.limits.maxHeldBytes} bytes`;
  const headers = bytes.range(start, end);
  const nested = (archive: ZipBytes, inside: ZipVisitor): void => readZip(archive, inside, use, depth + 1);
  const zip = { bytes, base, visitor, use, depth, nested };
  let members = 0;
  for (let at = 0; at < headers.length; members += 1) {
    const entry = parseDirectoryEntry(headers, at);
    if (entry === undefined) return 'has a damaged central directory';
    const exceeded = use.countMember(entry.headerBytes);
    if (exceeded !== undefined) return exceeded;
    const wish = entry.name.endsWith('/') ? 'skip' : visitor.member(entry.name);
    if (wish !== 'skip') readIndexed(zip, parseDirectoryHeader(headers, entry), wish);
    at += entry.headerBytes;
  }
  if (members % COUNT_RANGE !== count) return `states ${membersText(count)} but has ${members}`;
  if (members === 0 && start > base) return 'has an empty central directory';
  // A script in front of an archive is common and not a fault. Members in front of an archive are a fault, because some
  // programs find these members and Java does not.
  return base > 0 && localHeaderBytes(bytes.range(0, LOCAL_HEADER_BYTES)) !== undefined
    ? 'has members before its start that are not in its central directory'
    : undefined;
}

type IndexedZip = OpenZip & { readonly bytes: ZipBytes; readonly base: number };

function readIndexed(zip: IndexedZip, member: DirectoryMember, wish: ReadWish): void {
  const why = unreadableMember(member, wish, zip);
  const stored = why === undefined ? storedBytes(zip, member) : undefined;
  if (why !== undefined) memberFault(zip, member.name, why);
  if (stored !== undefined) readMember(zip, member, wish, stored);
}

function storedBytes(zip: IndexedZip, { name, method, offset, deflatedSize }: DirectoryMember): ZipBytes | undefined {
  const at = zip.base + offset;
  const local = localHeaderAt(zip.bytes, at);
  if (local === undefined) {
    memberFault(zip, name, 'is not at the offset that the central directory states');
    return undefined;
  }
  if (at + local.headerBytes + deflatedSize > zip.bytes.length) {
    memberFault(zip, name, 'extends beyond the end of the archive');
    return undefined;
  }
  if (local.name !== name || local.method !== method) {
    memberFault(
      zip,
      name,
      'has a different name or compression method in its local header than in the central directory',
    );
  }
  const start = at + local.headerBytes;
  return zip.bytes.slice(start, start + deflatedSize);
}

function localHeaderAt(bytes: ZipBytes, at: number): ZipMember | undefined {
  const fixed = bytes.range(at, at + LOCAL_HEADER_BYTES);
  const headerBytes = localHeaderBytes(fixed);
  return headerBytes === undefined ? undefined : parseLocalHeader(bytes.range(at, at + headerBytes));
}
