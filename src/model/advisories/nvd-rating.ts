import { severityOfScore } from '../cvss/cvss.ts';
import type { CvssScore } from '../enrichment.ts';
import type { Severity } from '../severity.ts';

/**
 * Returns the score that rates a CVE. The newest CVSS version takes precedence, then primary over secondary scores,
 * then the highest score (docs/explanation/severity.md, "Scores"). Returns undefined without scores.
 */
export function ratingScore(scores: readonly CvssScore[] = []): CvssScore | undefined {
  // Most CVEs have one score, and reports rate thousands of CVEs.
  if (scores.length < 2) return scores[0];
  return scores.toSorted(
    (a, b) =>
      Number(b.version) - Number(a.version) ||
      Number(a.type === 'secondary') - Number(b.type === 'secondary') ||
      b.score - a.score,
  )[0];
}

/** Returns the severity of a CVE according to {@link ratingScore}; Unknown without scores. */
export function severityOfScores(scores: readonly CvssScore[] | undefined): Severity {
  const score = ratingScore(scores);
  return score === undefined ? 'Unknown' : severityOfScore(score.score);
}
