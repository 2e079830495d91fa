import type { Enrichments } from '../enrichment.ts';
import { ratingScore } from '../advisories/nvd-rating.ts';
import type { Severity } from '../severity.ts';

/**
 * Returns the risk of a finding, from 0 to 100 with one decimal (docs/explanation/severity.md, "Risk"). The severity
 * selects a span, the CVSS score determines the place in this span, and EPSS and KEV increase the risk from this place
 * towards 100. Risk never decreases with severity, score, probability or known exploitation.
 *
 * @param cves the enrichments of the CVEs of the finding; the function uses the CVE with the highest risk
 */
export function riskOf(severity: Severity, cves: readonly Enrichments[]): number {
  if (cves.length === 0) return riskOfCve(severity, {});
  let highest = 0;
  for (const cve of cves) highest = Math.max(highest, riskOfCve(severity, cve));
  return highest;
}

/** The lowest and highest risk of each severity without EPSS and KEV. */
const SPANS: Readonly<Record<Exclude<Severity, 'Unknown'>, { readonly from: number; readonly to: number }>> = {
  Negligible: { from: 0, to: 5 },
  Low: { from: 5, to: 20 },
  Medium: { from: 20, to: 40 },
  High: { from: 40, to: 60 },
  Critical: { from: 60, to: 75 },
  Defcon1: { from: 75, to: 80 },
};

/**
 * The risk of an unknown severity, between Low and Medium, so that the finding is neither at the bottom nor at the top
 * of a list. Unknown severity implies no score.
 */
const RISK_OF_UNKNOWN = 20;

/** The highest CVSS score. */
const MAX_SCORE = 10;

/** The score that determines the place in the span for a finding without a CVSS score. */
const SCORE_WITHOUT_ONE = 5;

/** The fraction of the distance to 100 that an EPSS score of 1 adds. */
const WAY_OF_EPSS = 0.7;

/** The fraction of the distance to 100 that known exploitation adds. */
const WAY_OF_KEV = 0.7;

function riskOfCve(severity: Severity, { cvss, epss, kev }: Enrichments): number {
  const harm = harmOf(severity, ratingScore(cvss)?.score);
  const probability = Math.min(1, Math.max(0, epss?.score ?? 0));
  const way = kev === undefined ? WAY_OF_EPSS * probability : WAY_OF_KEV + (1 - WAY_OF_KEV) * probability;
  return Math.round((harm + (100 - harm) * way) * 10) / 10;
}

function harmOf(severity: Severity, score: number | undefined): number {
  if (severity === 'Unknown') return RISK_OF_UNKNOWN;
  const { from, to } = SPANS[severity];
  return from + ((to - from) * Math.min(MAX_SCORE, Math.max(0, score ?? SCORE_WITHOUT_ONE))) / MAX_SCORE;
}
