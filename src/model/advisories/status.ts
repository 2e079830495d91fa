/**
 * The status of a vulnerability in one package: whether a fix exists and, if not, why.
 *
 * - `fixed`: a version with the fix exists; older versions are affected.
 * - `fixed-for-subscribers`: affected; the version with the fix requires a subscription (Ubuntu Pro).
 * - `pending`: affected; the fix exists but is not published yet. The version of the fix may be known.
 * - `open`: affected, no fix yet.
 * - `no-dsa`, `postponed`, `ignored`: affected; the distribution fixes it without an advisory, later, or not at all.
 * - `end-of-life`: the distribution no longer investigates the package.
 * - `under-investigation`: the distribution has not investigated the package yet.
 * - `undetermined`: the feed cannot determine whether the package is affected.
 * - `unknown`: Clair cannot interpret the advisory; treated as affected, with a diagnostic.
 * - `unmaintained`, `unsound`, `notice`: the advisory is a note about the package, not a vulnerability (RustSec).
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
  'unmaintained',
  'unsound',
  'notice',
] as const;

export type Status = (typeof STATUSES)[number];

/** Statuses of notes about a package, which are not vulnerabilities: the kinds of RustSec informational advisories. */
export const NOTES = ['unmaintained', 'unsound', 'notice'] as const;

export type NoteKind = (typeof NOTES)[number];

/** Returns the kind of a note; undefined for the status of a vulnerability. */
export function noteKindOf(status: Status): NoteKind | undefined {
  return NOTES.find((kind) => kind === status);
}

/**
 * Statuses that are stored but are not findings: the feed does not state that the package is affected, or the advisory
 * is a note.
 */
export const NOT_FINDINGS: readonly Status[] = ['under-investigation', 'undetermined', ...NOTES];

/** Reports whether a range with this status is a finding; otherwise it is undecided or a note. */
export function isFinding(status: Status): boolean {
  return !NOT_FINDINGS.includes(status);
}
