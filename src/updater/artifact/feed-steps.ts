import type { PublishedDelta, PublishedFeed, PublishedLayer } from './artifact-config.ts';

/** A layer to apply to a feed. */
export type FeedStep = { readonly layer: PublishedLayer; readonly isDelta: boolean };

/**
 * Returns the layers that lead from the stored content of a feed to the published content, in order, with the smallest
 * total size; empty if the content is equal.
 *
 * @param stored the fingerprint of the stored content; undefined if nothing is stored
 */
export function stepsFrom(feed: PublishedFeed, stored: string | undefined): readonly FeedStep[] {
  const whole = wholeSteps(feed);
  const chain = stored === undefined ? undefined : chainFrom(feed, stored);
  if (chain === undefined) return whole;
  const changes = chain.map((layer) => ({ layer, isDelta: true }));
  return bytesOf(changes) < bytesOf(whole) ? changes : whole;
}

/** Returns the layers that contain the whole feed, in order. */
export function wholeSteps(feed: PublishedFeed): readonly FeedStep[] {
  const chain = chainFrom(feed, feed.complete.fingerprint) ?? [];
  return [{ layer: feed.complete, isDelta: false }, ...chain.map((layer) => ({ layer, isDelta: true }))];
}

/** Returns the size of layers in bytes. */
export function bytesOf(steps: readonly FeedStep[]): number {
  return steps.reduce((sum, { layer }) => sum + layer.size, 0);
}

/** Returns the deltas from the given content to the published content; undefined if no chain of deltas starts there. */
export function chainFrom(
  { fingerprint, deltas }: PublishedFeed,
  stored: string,
): readonly PublishedDelta[] | undefined {
  if (stored === fingerprint) return [];
  // A feed may return to an earlier content, so use the last occurrence, because its chain is the shortest.
  const start = deltas.findLastIndex(({ from }) => from === stored);
  return start < 0 ? undefined : deltas.slice(start);
}
