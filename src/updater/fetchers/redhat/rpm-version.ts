import { rpm } from '../../../versions/rpm.ts';

/**
 * Returns whether rpm accepts a version. Rejects very long versions, so that rpm also accepts the bounds of branches,
 * which append characters to a version.
 */
export function isRpmVersion(version: string): boolean {
  if (version.length > MAX_LENGTH) return false;
  return rpm.keyOf(version) !== undefined;
}

/** The maximum length of a version in characters; the longest versions have about 60. */
const MAX_LENGTH = 500;
