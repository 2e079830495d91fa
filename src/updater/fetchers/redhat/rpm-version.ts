import { ClairError } from '../../../errors.ts';
import { rpm } from '../../../versions/rpm.ts';

/** Tells whether rpm would accept a version, and also one that was made from it by a few more characters. */
export function isRpmVersion(version: string): boolean {
  if (version.length > MAX_LENGTH) return false;
  try {
    rpm.key(version);
    return true;
  } catch (error) {
    if (error instanceof ClairError && error.code === 'version/invalid') return false;
    throw error;
  }
}

/** Real ones have up to 60 characters. */
const MAX_LENGTH = 500;
