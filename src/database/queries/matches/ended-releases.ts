import { dayOf, dayText } from '../../../model/day.ts';
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

/** Returns {@link endedNow} as a function that makes the list once a day: making it takes a fifth of the time of a small query. */
export function endedOfDay(clock: Pick<DatabaseClock, 'now'>): () => string {
  let day: number | undefined;
  let ended = '';
  return () => {
    const today = dayOf(clock.now());
    if (today !== day) [day, ended] = [today, endedNow(clock)];
    return ended;
  };
}
