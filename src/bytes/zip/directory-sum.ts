import { membersText } from './members-text.ts';
import crc32 from 'crc-32';
import { DIRECTORY_HEADER_BYTES, parseDirectoryEntry, parseDirectoryHeader } from './headers.ts';

/**
 * Compares the local headers of an archive with its central directory in constant memory. Compares a sum over the names
 * and a sum over the offsets relative to the first member.
 */
export type DirectorySum = {
  readonly addMember: (name: Buffer, offset: number) => void;
  /**
   * Adds the entry at the start of `bytes` and returns the size of the entry; returns undefined if `bytes` ends within
   * the entry.
   */
  readonly takeEntry: (bytes: Buffer) => number | undefined;
  /**
   * Returns the difference between the headers and the directory, or undefined if the headers and the directory agree.
   */
  readonly fault: () => string | undefined;
};

/** Starts a comparison. */
export function directorySum(): DirectorySum {
  const members = emptySum();
  const entries = emptySum();
  return {
    addMember: (name, offset) => add(members, name, offset),
    takeEntry(bytes) {
      const entry = bytes.length < DIRECTORY_HEADER_BYTES ? undefined : parseDirectoryEntry(bytes, 0);
      if (entry === undefined) return undefined;
      const nameBytes = bytes.readUInt16LE(28);
      const name = bytes.subarray(DIRECTORY_HEADER_BYTES, DIRECTORY_HEADER_BYTES + nameBytes);
      add(entries, name, parseDirectoryHeader(bytes, entry).offset);
      return entry.headerBytes;
    },
    fault() {
      if (members.count !== entries.count)
        return `has ${membersText(members.count)}, but its central directory lists ${entries.count}`;
      const isSame = members.names === entries.names && relativeOffsets(members) === relativeOffsets(entries);
      return isSame ? undefined : 'has members that differ from its central directory';
    },
  };
}

type Sum = { count: number; names: bigint; offsets: bigint; first: bigint };

function emptySum(): Sum {
  return { count: 0, names: 0n, offsets: 0n, first: -1n };
}

function add(sum: Sum, name: Buffer, offset: number): void {
  const at = BigInt(offset);
  sum.count += 1;
  sum.names += BigInt(crc32.buf(name) >>> 0);
  sum.offsets += at;
  if (sum.first === -1n || at < sum.first) sum.first = at;
}

function relativeOffsets({ count, offsets, first }: Sum): bigint {
  return offsets - BigInt(count) * first;
}
