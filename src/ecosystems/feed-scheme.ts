import type { SchemeId } from '../versions/index.ts';
import { schemeOfNamespace } from './index.ts';

/**
 * The version order of a feed: either one scheme for all namespaces or, for each namespace, the scheme of its
 * ecosystem.
 */
export type FeedScheme = SchemeId | typeof BY_NAMESPACE;

/** The order of a feed whose namespaces have several schemes. */
export const BY_NAMESPACE = 'by-namespace';

/**
 * Returns the version scheme of a namespace in a feed; undefined if the feed is ordered by namespace, and the namespace
 * belongs to no ecosystem.
 */
export function schemeIn(scheme: FeedScheme, namespace: string): SchemeId | undefined {
  return scheme === BY_NAMESPACE ? schemeOfNamespace(namespace) : scheme;
}
