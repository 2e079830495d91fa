import { severityOfScore } from '../cvss/cvss.ts';
import type { CvssScore } from '../enrichment.ts';
import type { Severity } from '../severity.ts';

/**
 * Gives the one score of a CVE that rates it: of the newest CVSS version, a primary score before a secondary one, and of
 * several secondary ones the highest (docs/severity.md, "Scores"). Undefined when there is none.
 */
export function ratingScore(scores: readonly CvssScore[] = []): CvssScore | undefined {
  return scores.toSorted(
    (a, b) =>
      Number(b.version) - Number(a.version) ||
      Number(a.type === 'secondary') - Number(b.type === 'secondary') ||
      b.score - a.score,
  )[0];
}

/** The severity of a CVE by its scores; Unknown without one. */
export function severityOfScores(scores: readonly CvssScore[] | undefined): Severity {
  const score = ratingScore(scores);
  return score === undefined ? 'Unknown' : severityOfScore(score.score);
}
