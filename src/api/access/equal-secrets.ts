import { createHash, timingSafeEqual } from 'node:crypto';

/** Compares two secrets in a time that does not depend on the position of the first difference. */
export function areEqualSecrets(given: string, expected: string): boolean {
  const [one, other] = [given, expected].map((text) => createHash('sha256').update(text).digest());
  return one !== undefined && other !== undefined && timingSafeEqual(one, other);
}
