import type { Enrichments } from '../enrichment.ts';
import { ratingScore } from '../advisories/nvd-rating.ts';
import type { Severity } from '../severity.ts';

/**
 * How urgent a finding is, from 0 to 100 with one decimal, by the formula of docs/severity.md, "Risk": the severity in the
 * distribution says how bad it would be, the CVSS score only where in the span of that severity, and EPSS and KEV how much
 * of the way to 100 it goes from there. It is never smaller for a worse severity, a higher score or probability, or a CVE
 * that is known to be exploited.
 *
 * @param cves what is known of the CVEs that it is about; the worst of them counts
 */
export function riskOf(severity: Severity, cves: readonly Enrichments[]): number {
  return Math.max(...(cves.length === 0 ? [{}] : cves).map((cve) => riskOfCve(severity, cve)));
}

/** The spans of the severities: what a finding of which nothing more is known has at least, and at most. */
const SPANS: Readonly<Record<Exclude<Severity, 'Unknown'>, readonly [number, number]>> = {
  Negligible: [0, 5],
  Low: [5, 20],
  Medium: [20, 40],
  High: [40, 60],
  Critical: [60, 75],
  Defcon1: [75, 80],
};

/** Between Low and Medium, so that the finding is neither hidden nor on top. A score would have rated it. */
const RISK_OF_UNKNOWN = 20;

/** The highest score of CVSS, and where in its span a finding without a score lies. */
const MAX_SCORE = 10;
const SCORE_WITHOUT_ONE = 5;

/** How much of the way to 100 an exploitation that is certain, and one that is known, lead. */
const WAY_OF_EPSS = 0.7;
const WAY_OF_KEV = 0.7;

function riskOfCve(severity: Severity, { cvss, epss, kev }: Enrichments): number {
  const harm = harmOf(severity, ratingScore(cvss)?.score);
  const probability = Math.min(1, Math.max(0, epss?.score ?? 0));
  const way = kev === undefined ? WAY_OF_EPSS * probability : WAY_OF_KEV + (1 - WAY_OF_KEV) * probability;
  return Math.round((harm + (100 - harm) * way) * 10) / 10;
}

function harmOf(severity: Severity, score: number | undefined): number {
  if (severity === 'Unknown') return RISK_OF_UNKNOWN;
  const [from, to] = SPANS[severity];
  return from + ((to - from) * Math.min(MAX_SCORE, Math.max(0, score ?? SCORE_WITHOUT_ONE))) / MAX_SCORE;
}
