import { ClairError } from '../../../errors.ts';
import { exceedsBound, type ShrinkBound } from '../../../model/shrink-bound.ts';
import { supportOf } from '../../../model/releases/support/release-support.ts';
import type { Queries } from '../../engines/engine.ts';
import { ADVISORIES_OF_NAMESPACE } from './namespace-advisories.ts';
import type { FeedDifferences } from './feed-differences.ts';
import type { UpdateCounts } from '../../contracts/vulnerabilities.ts';

/** An update that was just written and is not committed yet. */
export type WrittenUpdate = {
  readonly feed: string;
  readonly maxShrink?: ShrinkBound;
  /** Now, in milliseconds since 1970. */
  readonly at: number;
};

/**
 * Refuses an update after which a feed has far fewer records than before.
 *
 * @param after how many records the feed has now
 * @throws ClairError `feed/shrunk`, which rolls the update back
 */
export function checkRecordCount(
  { feed, maxShrink }: WrittenUpdate,
  after: number,
  { added, withdrawn }: Pick<UpdateCounts, 'added' | 'withdrawn'>,
): void {
  const before = after - added + withdrawn;
  if (maxShrink === undefined || !exceedsBound(before, after, maxShrink)) return;
  throw shrunk(`the feed ${feed} shrank from ${before} to ${after} records`, maxShrink);
}

/**
 * Refuses an update after which one release has far fewer vulnerabilities than before, although the feed as a whole may
 * be as large as ever: most vulnerabilities of a feed concern several releases. A release past its end of life may be dropped
 * as a whole, as distributors do: reports of its images then say that no feed covers them.
 *
 * @throws ClairError `feed/shrunk`, which rolls the update back
 */
export async function checkNamespaces(
  queries: Queries,
  { feed, maxShrink, at }: WrittenUpdate,
  { gained, lost }: FeedDifferences['namespaces'],
): Promise<void> {
  if (maxShrink === undefined) return;
  for (const [namespace, losses] of lost) {
    const loss = losses - (gained.get(namespace) ?? 0);
    // Counting reads all rows of the release: it is done only where the loss may matter.
    if (loss <= maxShrink.records) continue;
    const row = await queries.get<{ count: number }>(COUNT_OF_NAMESPACE, [namespace, feed]);
    const after = row?.count ?? 0;
    if (!exceedsBound(after + loss, after, maxShrink) || (after === 0 && hasEnded(namespace, at))) continue;
    throw shrunk(`${namespace} in the feed ${feed} shrank from ${after + loss} to ${after} vulnerabilities`, maxShrink);
  }
}

/**
 * Refuses a list of repositories that lost many of its entries: packages from repositories that are not listed are not
 * matched against advisories for products.
 *
 * @throws ClairError `feed/shrunk`, which rolls the update back
 */
export function checkRepositories({ feed, maxShrink }: WrittenUpdate, before: number, after: number): void {
  if (maxShrink === undefined || !exceedsBound(before, after, maxShrink)) return;
  throw shrunk(`the repositories in the feed ${feed} shrank from ${before} to ${after}`, maxShrink);
}

function hasEnded(namespace: string, at: number): boolean {
  return supportOf(namespace, new Date(at).toISOString().slice(0, 'YYYY-MM-DD'.length)).kind === 'ended';
}

function shrunk(what: string, { percent, records }: ShrinkBound): ClairError {
  return new ClairError('feed/shrunk', `${what}, more than ${percent} % and ${records}; the stored data is kept`);
}

const COUNT_OF_NAMESPACE = `
SELECT COUNT(DISTINCT affected.vulnerability) AS count ${ADVISORIES_OF_NAMESPACE}`;
