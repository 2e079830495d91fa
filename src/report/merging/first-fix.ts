import { matchInterval, widestMatch } from '../../database/queries/matches/widest-match.ts';
import type { Match } from '../../model/report/match.ts';

/**
 * Returns the first version that fixes a vulnerability in a package, whichever of its advisories is asked, and the status that goes
 * with it: the lowest fixed version above the installed one that lies in none of the ranges. Null where no advisory tells such a
 * version: then the status is that of the range that ends last of those connected with the installed version.
 *
 * @param widest of the ranges in which the installed version lies the one that ends last
 * @param later the ranges of the same advisories, and of others about the vulnerability, that begin above the installed version
 */
export function firstFix(widest: Match, later: readonly Match[]): Pick<Match, 'fixed' | 'status'> {
  if (later.length === 0) return fixOf(widest);
  const ranges = later
    .map((match) => ({ match, ...matchInterval(match) }))
    .toSorted((one, other) => Buffer.compare(one.lo, other.lo));
  // Ranges without a gap in between end where the last of them does.
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
