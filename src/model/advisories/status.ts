/**
 * The status of a vulnerability in a package, which states whether a fix exists and, if not, the reason.
 *
 * - `fixed`: a version with the fix exists; older versions are affected.
 * - `fixed-for-subscribers`: affected; the version with the fix requires a subscription (Ubuntu Pro).
 * - `pending`: affected; the fix exists but is not published yet. The advisory may contain the version of the fix.
 * - `open`: affected; no fix exists yet.
 * - `no-dsa`, `postponed`, `ignored`: affected; the distribution fixes the package without an advisory, later, or not
 *   at all.
 * - `end-of-life`: the distribution no longer investigates the package.
 * - `under-investigation`: the distribution has not investigated the package yet.
 * - `undetermined`: the feed cannot determine whether the package is affected.
 * - `unknown`: Clair cannot interpret the advisory; the package counts as affected, with a diagnostic.
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

/**
 * The statuses of notes about a package, which are not vulnerabilities. The statuses are the kinds of RustSec
 * informational advisories.
 */
export const NOTES = ['unmaintained', 'unsound', 'notice'] as const;

export type NoteKind = (typeof NOTES)[number];

/** Returns the kind of a note, or undefined for the status of a vulnerability. */
export function noteKindOf(status: Status): NoteKind | undefined {
  return NOTES.find((kind) => kind === status);
}

/** The statuses with which a feed does not state whether the package is affected. */
export const UNDECIDED: readonly Status[] = ['under-investigation', 'undetermined'];

/**
 * The statuses that are stored but are not findings, because the feed does not state that the package is affected, or
 * because the advisory is a note.
 */
export const NOT_FINDINGS: readonly Status[] = [...UNDECIDED, ...NOTES];

/** Returns whether a range with this status is a finding; any other range is undecided or a note. */
export function isFinding(status: Status): boolean {
  return !NOT_FINDINGS.includes(status);
}
