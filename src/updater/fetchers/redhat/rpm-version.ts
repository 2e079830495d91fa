import { rpm } from '../../../versions/rpm.ts';

/** Returns whether rpm accepts a version, with room for the characters that branch bounds append. */
export function isRpmVersion(version: string): boolean {
  if (version.length > MAX_LENGTH) return false;
  return rpm.keyOf(version) !== undefined;
}

/** The longest versions have about 60 characters. */
const MAX_LENGTH = 500;
