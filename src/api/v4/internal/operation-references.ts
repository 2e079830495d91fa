import { createHash } from 'node:crypto';
import type { FeedUpdateRow } from '../../../database/contracts/update-history.ts';

/** The maximum ID of an update. An ID has 48 bits, because the first 12 digits of the UUID contain the ID. */
const MAX_ID = 2 ** 48 - 1;

/** The form of a UUID. */
export const UUID_PATTERN = '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$';

/**
 * Returns the reference of an update: a UUID of version 8 (RFC 9562) that consists of the ID and a hash of the ID, the
 * feed and the time. Instances on the same database return the same reference; instances on different databases return
 * different references.
 */
export function referenceOf({ id, feed, at }: Omit<FeedUpdateRow, 'position'>): string {
  if (id > MAX_ID) throw new Error(`the ID ${id} of a feed update exceeds ${MAX_ID}, the maximum in a reference`);
  const hash = createHash('sha256')
    .update(JSON.stringify([id, feed, at]))
    .digest('hex');
  const variant = '89ab'.charAt(Number.parseInt(hash.charAt(3), 16) % 4);
  const digits = `${id.toString(16).padStart(12, '0')}8${hash.slice(0, 3)}${variant}${hash.slice(4, 19)}`;
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/**
 * Returns the ID of the update that a reference names. Every UUID has digits at this position, so the caller must
 * compare the reference with {@link referenceOf} of the update.
 */
export function updateIdOf(reference: string): number {
  return Number.parseInt(reference.replaceAll('-', '').slice(0, 12), 16);
}
