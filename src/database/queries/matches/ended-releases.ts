import { dayText } from '../../../model/day.ts';
import { endedReleases } from '../../../model/releases/support/release-support.ts';
import type { DatabaseClock } from '../../engines/engine.ts';

/**
 * The releases whose support has ended: a table of all queries with the matching rule `owner`. The parameter is {@link
 * endedNow}.
 */
export const ENDED: string = 'ended (namespace) AS (SELECT release.value FROM json_each(?) AS release)';

/**
 * Returns the releases whose support has ended today, as a JSON list. The end of support changes no advisory, so it
 * creates no notification.
 */
export function endedNow(clock: Pick<DatabaseClock, 'now'>): string {
  return JSON.stringify(endedReleases(dayText(clock.now())));
}
