import { dayText } from '../../../model/time/day.ts';
import { ClairError } from '../../../errors.ts';
import { exceedsBound, type ShrinkBound } from '../../../model/shrink-bound.ts';
import { supportOf } from '../../../model/releases/support/release-support.ts';
import type { Queries } from '../../engines/engine.ts';
import { ADVISORIES_OF_NAMESPACE } from './namespace-advisories.ts';
import type { FeedDifferences } from './feed-differences.ts';
import type { UpdateCounts } from '../../contracts/vulnerabilities.ts';

/** An update that was written but not committed. */
export type WrittenUpdate = {
  readonly feed: string;
  readonly maxShrink?: ShrinkBound;
  /** The time of the update in milliseconds since 1970. */
  readonly at: number;
};

/**
 * Rejects an update that leaves a feed with far fewer entries.
 *
 * @param after the number of entries after the update
 * @throws ClairError `feed/shrunk`, which rolls the update back
 */
export function checkRecordCount(
  { feed, maxShrink }: WrittenUpdate,
  after: number,
  { added, withdrawn }: Pick<UpdateCounts, 'added' | 'withdrawn'>,
): void {
  const before = after - added + withdrawn;
  if (maxShrink === undefined || !exceedsBound(before, after, maxShrink)) return;
  throw shrunk(`the feed ${feed} shrank from ${before} to ${after} entries`, maxShrink);
}

/**
 * Rejects an update that leaves a release with far fewer vulnerabilities, even if the whole feed keeps its size. A
 * release past its end of life may disappear from the feed, because distributors drop old releases. Reports on images
 * of the release then state that no feed covers the release.
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
    // Counting reads all rows of the release, so count only after a large loss.
    if (loss <= maxShrink.records) continue;
    const row = await queries.get<{ count: number }>(COUNT_OF_NAMESPACE, [namespace, feed]);
    const after = row?.count ?? 0;
    if (!exceedsBound(after + loss, after, maxShrink) || (after === 0 && hasEnded(namespace, at))) continue;
    throw shrunk(`${namespace} in the feed ${feed} shrank from ${after + loss} to ${after} vulnerabilities`, maxShrink);
  }
}

/**
 * Rejects a list of repositories that lost many entries, because packages from unlisted repositories do not match
 * advisories for products.
 *
 * @throws ClairError `feed/shrunk`, which rolls the update back
 */
export function checkRepositories({ feed, maxShrink }: WrittenUpdate, before: number, after: number): void {
  if (maxShrink === undefined || !exceedsBound(before, after, maxShrink)) return;
  throw shrunk(`the list of repositories in the feed ${feed} shrank from ${before} to ${after} entries`, maxShrink);
}

function hasEnded(namespace: string, at: number): boolean {
  return supportOf(namespace, dayText(at)).kind === 'ended';
}

function shrunk(what: string, { percent, records }: ShrinkBound): ClairError {
  return new ClairError(
    'feed/shrunk',
    `${what}, by more than ${percent} % and by more than ${records}; the stored data is kept`,
  );
}

const COUNT_OF_NAMESPACE = `
SELECT COUNT(DISTINCT affected.vulnerability) AS count ${ADVISORIES_OF_NAMESPACE}`;
