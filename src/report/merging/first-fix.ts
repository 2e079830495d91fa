import { matchInterval, widestMatch } from '../../database/queries/matches/widest-match.ts';
import type { Match } from '../../model/report/match.ts';

/**
 * Returns the lowest fixed version above the installed version that no advisory of the vulnerability lists as affected,
 * with the status of the fix. If no advisory names such a version, returns null and the status of the last range that
 * is connected with the range of the installed version.
 *
 * @param widest the match whose range ends last, of all ranges that contain the installed version
 * @param later the matches of the same vulnerability whose ranges start above the installed version
 */
export function firstFix(widest: Match, later: readonly Match[]): Pick<Match, 'fixed' | 'status'> {
  if (later.length === 0) return fixOf(widest);
  const ranges = later
    .map((match) => ({ match, ...matchInterval(match) }))
    .toSorted((one, other) => Buffer.compare(one.lo, other.lo));
  // Connected ranges count as a single range up to the latest end.
  const ends: [Match, ...Match[]] = [widest];
  let last = widest;
  for (const { match, lo } of ranges) {
    const isConnected = Buffer.compare(lo, matchInterval(last).hi) <= 0;
    last = isConnected ? widestMatch(last, match) : match;
    if (isConnected) ends[ends.length - 1] = last;
    else ends.push(last);
  }
  return fixOf(ends.find(({ fixed }) => fixed !== null) ?? ends[0]);
}

function fixOf({ fixed, status }: Match): Pick<Match, 'fixed' | 'status'> {
  return { fixed, status };
}
