import type { SuppressedFinding } from '../../model/report/report.ts';

/**
 * Returns whether the report leaves a suppressed finding out, as GitLab's own allowlist does: an ignore rule accepts the risk. A
 * finding that does not affect the image stays in the report, flagged as a likely false positive.
 */
export function isLeftOut({ suppression: { by, justification } }: Pick<SuppressedFinding, 'suppression'>): boolean {
  return by === 'ignore' && justification === null;
}
