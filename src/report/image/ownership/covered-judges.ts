import type { FeedStore } from '../../../database/contracts/feeds.ts';
import type { LocatedFeature } from '../../../model/layer.ts';

/** Returns the namespaces that judge owned packages and that feeds cover: there the distribution's advisories apply. */
export async function coveredJudges(
  feeds: Pick<FeedStore, 'covering'>,
  installed: readonly Pick<LocatedFeature, 'judgedBy'>[],
): Promise<ReadonlySet<string>> {
  const covered = new Set<string>();
  for (const judge of new Set(installed.flatMap(({ judgedBy }) => judgedBy ?? []))) {
    if ((await feeds.covering(judge)).length > 0) covered.add(judge);
  }
  return covered;
}
