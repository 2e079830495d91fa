import { MAX_FIELD_LENGTH } from '../database-diagnostics.ts';

/** Matches Debian's package and architecture names (Debian Policy 5.6.1). */
export const NAME_PATTERN: RegExp = /^[a-z0-9][a-z0-9+.-]*$/;

/**
 * Returns whether dpkg accepts a name; dpkg accepts more names than Debian Policy (dpkg, lib/dpkg/parsehelp.c,
 * pkg_name_is_illegal).
 */
export function isPackageName(name: string): boolean {
  return name.length <= MAX_FIELD_LENGTH && /^[A-Za-z0-9][A-Za-z0-9+._-]*$/.test(name);
}
