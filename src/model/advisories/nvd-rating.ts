import { severityOfScore } from '../cvss/cvss.ts';
import type { CvssScore } from '../enrichment.ts';
import type { Severity } from '../severity.ts';

/**
 * Returns the score that rates a CVE: the newest CVSS version, primary before secondary, and the highest of several secondary
 * scores (docs/explanation/severity.md, "Scores"). Returns undefined without scores.
 */
export function ratingScore(scores: readonly CvssScore[] = []): CvssScore | undefined {
  return scores.toSorted(
    (a, b) =>
      Number(b.version) - Number(a.version) ||
      Number(a.type === 'secondary') - Number(b.type === 'secondary') ||
      b.score - a.score,
  )[0];
}

/** Returns the severity of a CVE by its scores; Unknown without scores. */
export function severityOfScores(scores: readonly CvssScore[] | undefined): Severity {
  const score = ratingScore(scores);
  return score === undefined ? 'Unknown' : severityOfScore(score.score);
}
