import type { FeedStore } from '../../../database/contracts/feeds.ts';

/** A feature or a diagnostic of a file; a package of the distribution can own the file. */
type Judged = { readonly judgedBy?: string };

/**
 * Returns the namespaces whose advisories replace library advisories for files of distribution packages
 * (`FeedStore.judges`). Reads nothing and returns an empty set if no package of a distribution owns one of the files.
 */
export async function judgesOf(
  feeds: Pick<FeedStore, 'judges'>,
  ...lists: readonly (readonly Judged[])[]
): Promise<ReadonlySet<string>> {
  const isNeeded = lists.some((list) => list.some(({ judgedBy }) => judgedBy !== undefined));
  return isNeeded ? await feeds.judges() : NO_JUDGES;
}

const NO_JUDGES: ReadonlySet<string> = new Set();
