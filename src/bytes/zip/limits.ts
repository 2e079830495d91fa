/**
 * The maximum nesting depth. WAR files inside EAR files contain JAR files that contain agents; real archives are nested
 * at most 5 levels deep.
 */
const MAX_DEPTH = 8;

/** The maximum number of members; the largest real archives have about 200,000 classes. */
const MAX_MEMBERS = 500_000;

/**
 * The maximum number of signatures to test, for which the reader needs about a second. By chance, compressed bytes
 * contain the start of a signature once in 64 KiB.
 */
const MAX_MARKS = 1_000_000;

/** The maximum number of archives in a file. Large products contain thousands of archives, but not in a single file. */
const MAX_ARCHIVES = 10_000;

/** The maximum number of bytes to inflate; inflating them takes a few seconds. */
const MAX_READ_BYTES = 1024 ** 3;

/** The maximum compression ratio. A real nested archive of more than 1 MiB deflates to a third of its size at best. */
const MAX_RATIO = 100;
const RATIO_FREE_BYTES = 1024 * 1024;

/** The maximum memory for inflated archives and buffered members. */
const MAX_HELD_BYTES = 64 * 1024 * 1024;

/** The maximum size of a requested member; signed manifests of large archives are a few MiB. */
const MAX_CONTENT_BYTES = 4 * 1024 * 1024;

/**
 * The maximum total size of the requested members. An archive with 500 nested archives contains about 20 MiB of
 * manifests and descriptors.
 */
const MAX_CONTENTS_BYTES = 128 * 1024 * 1024;

/** The limits for reading a zip archive and all archives inside it together. */
export type ZipLimits = {
  /** The maximum nesting depth of archives; an archive in the file has depth 1. */
  readonly maxDepth: number;
  readonly maxMembers: number;
  readonly maxArchives: number;
  /** The maximum number of header signatures to test in the search for the ends of members of unknown size. */
  readonly maxMarks: number;
  /** The maximum total size of inflated archives and member headers. */
  readonly maxReadBytes: number;
  /** The maximum number of inflated bytes per deflated byte of a member, beyond `ratioFreeBytes`. */
  readonly maxRatio: number;
  readonly ratioFreeBytes: number;
  /** The maximum total size of inflated members in memory at once. */
  readonly maxHeldBytes: number;
  /** The maximum size of a member whose content the visitor requests. */
  readonly maxContentBytes: number;
  /** The maximum total size of all members whose content the visitor requests. */
  readonly maxContentsBytes: number;
};

export const ZIP_LIMITS: ZipLimits = {
  maxDepth: MAX_DEPTH,
  maxMembers: MAX_MEMBERS,
  maxArchives: MAX_ARCHIVES,
  maxMarks: MAX_MARKS,
  maxReadBytes: MAX_READ_BYTES,
  maxRatio: MAX_RATIO,
  ratioFreeBytes: RATIO_FREE_BYTES,
  maxHeldBytes: MAX_HELD_BYTES,
  maxContentBytes: MAX_CONTENT_BYTES,
  maxContentsBytes: MAX_CONTENTS_BYTES,
};
