/** The maximum number of archives in a layer. A layer with thousands of jars has about 10,000 archives. */
const MAX_ARCHIVES = 100_000;

/**
 * The maximum number of members; counting them takes half a minute. The largest images have about 10 million classes.
 */
const MAX_MEMBERS = 20_000_000;

/** The maximum number of bytes to inflate; inflating them takes half a minute. */
const MAX_READ_BYTES = 8 * 1024 ** 3;

/** The limits for reading all archives of a layer together. */
export type ZipTotalLimits = {
  /** The maximum number of archives, including nested archives. */
  readonly maxArchives: number;
  readonly maxMembers: number;
  /** The maximum total size of inflated archives and members, and of member headers. */
  readonly maxReadBytes: number;
};

export const ZIP_TOTAL_LIMITS: ZipTotalLimits = {
  maxArchives: MAX_ARCHIVES,
  maxMembers: MAX_MEMBERS,
  maxReadBytes: MAX_READ_BYTES,
};

/** Counts all archives of a layer against the limits. Each function returns an exceeded limit in words. */
export type ZipTotals = {
  readonly countArchive: () => string | undefined;
  readonly countMember: () => string | undefined;
  readonly countRead: (bytes: number) => string | undefined;
};

/** Creates the counts of a layer, all zero at the start. */
export function createZipTotals(given: Partial<ZipTotalLimits> = {}): ZipTotals {
  const limits = { ...ZIP_TOTAL_LIMITS, ...given };
  const used = { archives: 0, members: 0, read: 0 };
  return {
    countArchive() {
      used.archives += 1;
      return used.archives > limits.maxArchives ? excess(`${limits.maxArchives} archives`) : undefined;
    },
    countMember() {
      used.members += 1;
      return used.members > limits.maxMembers ? excess(`${limits.maxMembers} members`) : undefined;
    },
    countRead(bytes) {
      used.read += bytes;
      return used.read > limits.maxReadBytes ? excess(`${limits.maxReadBytes} bytes to read`) : undefined;
    },
  };
}

function excess(what: string): string {
  return `exceeds the limit of ${what} in all archives of the layer`;
}
