import type { SuppressedFinding } from '../../model/report/report.ts';

/**
 * Returns whether the report omits a suppressed finding because an ignore rule accepts the risk. GitLab's own allowlist
 * also omits findings. A finding that does not affect the image remains in the report, flagged as a likely false
 * positive.
 */
export function isLeftOut({ suppression: { by, justification } }: Pick<SuppressedFinding, 'suppression'>): boolean {
  return by === 'ignore' && justification === null;
}
