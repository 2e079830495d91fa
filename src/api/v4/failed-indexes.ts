import { LRUCache } from 'lru-cache';
import type { Digest } from '../../model/digest.ts';

/** The manifests that this instance recently failed to index, with the reasons. */
export type FailedIndexes = Pick<LRUCache<Digest, string>, 'get' | 'set' | 'delete'>;

const MAX_REMEMBERED = 1000;
const REMEMBERED_MS = 60 * 60 * 1000;

/** Creates an empty list that removes each failure after an hour. */
export function createFailedIndexes(): FailedIndexes {
  return new LRUCache<Digest, string>({ max: MAX_REMEMBERED, ttl: REMEMBERED_MS });
}
