/**
 * What a feed says of a vulnerability in one package: whether there is a fix and, where there is none, why.
 *
 * - `fixed`: a version that carries the fix exists; older ones are affected.
 * - `fixed-for-subscribers`: affected; the version with the fix is only for those who subscribe to it (Ubuntu Pro).
 * - `pending`: affected; the fix is made, but not published yet. Its version may be known.
 * - `open`: affected, no fix yet.
 * - `no-dsa`, `postponed`, `ignored`: affected; the distribution fixes it without an advisory, later, or not at all.
 * - `end-of-life`: affected or not, nobody looks any more.
 * - `under-investigation`: nobody has looked yet whether the package is affected.
 * - `undetermined`: the feed itself does not know whether the package is affected.
 * - `unknown`: the feed said something that Clair does not understand; treated as affected, and reported.
 */
export const STATUSES = [
  'fixed',
  'fixed-for-subscribers',
  'pending',
  'open',
  'no-dsa',
  'postponed',
  'ignored',
  'end-of-life',
  'under-investigation',
  'undetermined',
  'unknown',
] as const;

export type Status = (typeof STATUSES)[number];

/** The states that are kept but are no finding by default: the feed does not say that the package is affected. */
export const NOT_FINDINGS: readonly Status[] = ['under-investigation', 'undetermined'];

/** Whether a range with this status is a finding; otherwise its feed has not decided. */
export function isFinding(status: Status): boolean {
  return !NOT_FINDINGS.includes(status);
}
