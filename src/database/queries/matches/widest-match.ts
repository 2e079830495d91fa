import type { Match } from '../../../model/report/match.ts';
import { ecosystemOf } from '../../../ecosystems/index.ts';
import { severityRank } from '../../../model/severity.ts';
import { STATUSES } from '../../../model/advisories/status.ts';
import { type KeyInterval, orderedInterval } from '../vulnerabilities/affected-intervals.ts';

/**
 * Chooses between two matches of the same vulnerability and package. Prefers the interval that ends later, because a
 * fix below that end leaves the package affected. For equal ends, prefers the higher severity, then the status that is
 * further from a fix. Two definitions of the same CVE (as in the Azure Linux feed) therefore become one finding.
 */
export function widestMatch(one: Match, other: Match): Match {
  const order =
    Buffer.compare(endOf(one), endOf(other)) ||
    severityRank(one.severity) - severityRank(other.severity) ||
    STATUSES.indexOf(one.status) - STATUSES.indexOf(other.status);
  return order < 0 ? other : one;
}

function endOf(match: Match): Uint8Array {
  return matchInterval(match).hi;
}

/** Returns the interval of version keys that a match covers. */
export function matchInterval({ namespace, severity, status, fixed, range, feature: of }: Match): KeyInterval {
  const { name, role, introduced, lastAffected } = range;
  const affected = {
    namespace,
    package: name,
    severity,
    status,
    ...(role && { role }),
    ...(introduced !== null && { introduced }),
    ...(fixed !== null && { fixed }),
    ...(lastAffected !== null && { lastAffected }),
  };
  return orderedInterval(affected, ecosystemOf(of).scheme);
}
