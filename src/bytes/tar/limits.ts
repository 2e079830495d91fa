/** Members of one archive; big layers have some hundred thousand. */
const MAX_ENTRIES = 10_000_000;

/** PATH_MAX of Linux is 4 KiB; a name beyond this bound cannot be unpacked anywhere. */
const MAX_NAME_BYTES = 64 * 1024;

/** Extended attributes are the largest thing that an honest PAX header holds, and Linux bounds them by 64 KiB each. */
const MAX_PAX_BYTES = 1024 * 1024;

/** A member whose content is wanted is kept in memory; the bound is that of the original Clair. */
const MAX_FILE_BYTES = 200 * 1024 * 1024;

/** The bounds of reading one tar archive. */
export type TarLimits = {
  readonly maxEntries: number;
  /** For names and link targets that extension headers give, in bytes of UTF-8. */
  readonly maxNameBytes: number;
  readonly maxPaxBytes: number;
  /** For one wanted member, in bytes of content. */
  readonly maxFileBytes: number;
};

export const TAR_LIMITS: TarLimits = {
  maxEntries: MAX_ENTRIES,
  maxNameBytes: MAX_NAME_BYTES,
  maxPaxBytes: MAX_PAX_BYTES,
  maxFileBytes: MAX_FILE_BYTES,
};
