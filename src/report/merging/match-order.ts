import { archOf, featureIdentity } from '../../model/feature.ts';
import type { Match } from '../../model/report/match.ts';
import { SEVERITY_ORIGINS, severityRank } from '../../model/severity.ts';
import { textOrder } from '../../model/text-order.ts';

/**
 * Returns the match whose severity has the more trusted origin. If the origins are equal, returns the match with the
 * higher severity.
 */
export function mostTrusted(one: Match, other: Match): Match {
  const order = trustOf(one) - trustOf(other) || severityRank(other.severity) - severityRank(one.severity);
  return order > 0 ? other : one;
}

/** Compares matches of the same package, so that the order of the matches does not depend on the order of the rows. */
export function byAdvisory(one: Match, other: Match): number {
  return (
    textOrder(one.vulnerability.name, other.vulnerability.name) ||
    textOrder(one.vulnerability.feed, other.vulnerability.feed) ||
    textOrder(rangeText(one), rangeText(other))
  );
}

/** Compares matches by severity, vulnerability and package; the matches of a layer are in this order. */
export function bySeverity(one: Match, other: Match): number {
  return (
    severityRank(other.severity) - severityRank(one.severity) ||
    textOrder(one.vulnerability.name, other.vulnerability.name) ||
    textOrder(one.feature.name, other.feature.name) ||
    textOrder(archOf(one.feature), archOf(other.feature)) ||
    textOrder(one.feature.version, other.feature.version) ||
    textOrder(featureIdentity(one.feature), featureIdentity(other.feature)) ||
    textOrder(one.namespace, other.namespace)
  );
}

/**
 * Returns the rank of the origin of a severity; a lower rank is more trusted. The database of a language or
 * distribution ranks before the GitHub Advisory Database, because the latter also rates advisories that it copies from
 * other databases. The NVD comes next, and an unknown severity comes last.
 */
function trustOf({ vulnerability: { name }, severity, severityFrom }: Match): number {
  const ranks = SEVERITY_ORIGINS.length;
  if (severity === 'Unknown') return 2 * ranks;
  const isCopied = name.startsWith('GHSA-') || severityFrom === 'nvd';
  return SEVERITY_ORIGINS.indexOf(severityFrom) + (isCopied ? ranks : 0);
}

function rangeText({ fixed, range, status }: Match): string {
  return JSON.stringify([fixed, range, status]);
}
