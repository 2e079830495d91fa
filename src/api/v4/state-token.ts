import { createHash } from 'node:crypto';
import type { RouteOptions } from '../api-options.ts';

/**
 * Returns the `state` of the indexer. A client indexes its images again when the state changes, so all instances of a
 * release must have the same state. The state changes with the engine version and the list of feeds, but not with the
 * data of the feeds.
 */
export function stateToken({ worker, knownFeeds }: Pick<RouteOptions, 'worker' | 'knownFeeds'>): string {
  const { engineVersion } = worker;
  const feeds = knownFeeds.map(({ name }) => name).toSorted();
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([engineVersion, feeds]))
    .digest('hex');
  return `clair-${engineVersion}-${fingerprint.slice(0, 16)}`;
}

/** Returns the strong ETag of a state. Clients store the header without the quotes and compare it with the state. */
export function stateTag(state: string): string {
  return `"${state}"`;
}

/** Returns whether an `If-None-Match` header is `*` or contains the strong or weak ETag of a state. */
export function namesState(condition: string | undefined, state: string): boolean {
  if (condition === undefined) return false;
  const tags = new Set(condition.split(',').map((tag) => tag.trim().replace(/^W\//, '')));
  return tags.has('*') || tags.has(stateTag(state));
}
