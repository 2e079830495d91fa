import { ZIP_LIMITS, type ZipLimits } from './limits.ts';
import { createZipTotals, type ZipTotals } from './totals.ts';

/** Counts an archive and the archives inside it against the limits. Each check returns an exceeded limit in words. */
export type ZipUse = {
  readonly limits: ZipLimits;
  readonly countArchive: () => string | undefined;
  readonly countMember: (headerBytes: number) => string | undefined;
  /** Counts a header signature that is possibly at the end of a member of unknown size. */
  readonly countMark: () => string | undefined;
  /** Counts the bytes of a member that is read. */
  readonly countRead: (bytes: number, wish: 'content' | 'archive') => string | undefined;
  /** Adds to the number of bytes in memory; for a negative number, subtracts. */
  readonly hold: (bytes: number) => void;
  /** Checks a member before it is read. */
  readonly excessOf: (size: number, deflatedSize: number, wish: 'content' | 'archive') => string | undefined;
};

/**
 * Creates the counts of a file, all zero at the start.
 *
 * @param totals the counts of all files together; by default, of this file only
 */
export function createZipUse(given: Partial<ZipLimits> = {}, totals: ZipTotals = createZipTotals()): ZipUse {
  const limits = { ...ZIP_LIMITS, ...given };
  const used = { archives: 0, marks: 0, members: 0, read: 0, contents: 0, held: 0 };
  const count = (bytes: number): string | undefined => {
    used.read += bytes;
    if (used.read > limits.maxReadBytes) return `exceeds the limit of ${limits.maxReadBytes} bytes to read`;
    return totals.countRead(bytes);
  };
  return {
    limits,
    countRead(bytes, wish) {
      if (wish === 'archive') return count(bytes);
      used.contents += bytes;
      const { maxContentsBytes } = limits;
      if (used.contents > maxContentsBytes) return `exceeds the limit of ${maxContentsBytes} bytes of file contents`;
      return totals.countRead(bytes);
    },
    countArchive() {
      used.archives += 1;
      if (used.archives > limits.maxArchives) return `exceeds the limit of ${limits.maxArchives} archives`;
      return totals.countArchive();
    },
    countMark() {
      used.marks += 1;
      return used.marks > limits.maxMarks ? `exceeds the limit of ${limits.maxMarks} header signatures` : undefined;
    },
    countMember(headerBytes) {
      used.members += 1;
      if (used.members > limits.maxMembers) return `exceeds the limit of ${limits.maxMembers} members`;
      return totals.countMember() ?? count(headerBytes);
    },
    hold(bytes) {
      used.held += bytes;
    },
    excessOf(size, deflatedSize, wish) {
      const { maxContentBytes, maxHeldBytes, maxRatio, ratioFreeBytes } = limits;
      if (wish === 'content' && size > maxContentBytes) return `exceeds the limit of ${maxContentBytes} bytes`;
      if (size > Math.max(ratioFreeBytes, maxRatio * deflatedSize))
        return `inflates to more than ${maxRatio} times its compressed size`;
      if (size > maxHeldBytes - used.held) return `would exceed the limit of ${maxHeldBytes} bytes in memory`;
      return undefined;
    },
  };
}
