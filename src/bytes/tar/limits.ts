/** The maximum number of members; large layers have several hundred thousand members. */
const MAX_ENTRIES = 10_000_000;

/**
 * The maximum length of a name. The limit is far above PATH_MAX on Linux (4 KiB), so every name that can be unpacked as
 * a path fits.
 */
const MAX_NAME_BYTES = 64 * 1024;

/**
 * The maximum size of a PAX header. Extended attributes are the largest legitimate content of a PAX header; Linux
 * limits each attribute to 64 KiB.
 */
const MAX_PAX_BYTES = 1024 * 1024;

/** The maximum size of a wanted member, which is held in memory. Clair v1 has the same limit. */
const MAX_FILE_BYTES = 200 * 1024 * 1024;

export type TarLimits = {
  readonly maxEntries: number;
  /** The maximum length of names and link targets in extension headers, in bytes of UTF-8. */
  readonly maxNameBytes: number;
  readonly maxPaxBytes: number;
  /** The maximum size of a member whose content the visitor requests. */
  readonly maxFileBytes: number;
};

export const TAR_LIMITS: TarLimits = {
  maxEntries: MAX_ENTRIES,
  maxNameBytes: MAX_NAME_BYTES,
  maxPaxBytes: MAX_PAX_BYTES,
  maxFileBytes: MAX_FILE_BYTES,
};
