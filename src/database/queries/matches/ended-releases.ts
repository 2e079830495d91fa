import { dayOf, dayText } from '../../../model/time/day.ts';
import { endedReleases } from '../../../model/releases/support/release-support.ts';
import type { DatabaseClock } from '../../engines/engine.ts';

/**
 * A table with the releases whose support has ended, which every query with the matching rule `owner` needs. Parameter:
 * the list of {@link endedReleaseList}.
 */
export const ENDED: string = 'ended (namespace) AS (SELECT release.value FROM json_each(?) AS release)';

/**
 * Returns a function that returns the releases whose support has ended today, as a JSON list. The returned function
 * builds the list once a day. The end of support of a release changes no advisory, and therefore creates no
 * notification.
 */
export function endedReleaseList(clock: Pick<DatabaseClock, 'now'>): () => string {
  let day: number | undefined;
  let list = '';
  return () => {
    const now = clock.now();
    if (dayOf(now) !== day) {
      day = dayOf(now);
      list = JSON.stringify(endedReleases(dayText(now)));
    }
    return list;
  };
}
