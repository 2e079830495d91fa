import { rpm } from '../../../versions/rpm.ts';

/** Tells whether rpm would accept a version, and also one that was made from it by a few more characters. */
export function isRpmVersion(version: string): boolean {
  if (version.length > MAX_LENGTH) return false;
  return rpm.keyOf(version) !== undefined;
}

/** Real ones have up to 60 characters. */
const MAX_LENGTH = 500;
