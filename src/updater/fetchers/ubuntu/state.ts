import { STATUSES, type Status } from '../../../model/advisories/status.ts';
import { dpkg } from '../../../versions/dpkg.ts';

/** The status of a package; without a status, the package is not affected. */
export type Verdict = {
  readonly status?: Status;
  /** The first version that is not affected. */
  readonly fixed?: string;
  /** A diagnostic that names the part that could not be interpreted, and its treatment. */
  readonly diagnostic?: string;
};

/**
 * Parses a state of the tracker and its note (README of the tracker, "Package Status"). The caller handles `DNE` (the
 * package does not exist).
 */
export function readVerdict(state: string, note: string): Verdict {
  switch (state) {
    case 'not-affected':
      return {};
    case 'released':
      return readFix('fixed', note);
    case 'released-esm':
      return readFix('fixed-for-subscribers', note);
    case 'pending':
      return readPending(note);
    case 'needed':
    case 'active':
      return unlessEnded('open', note);
    case 'deferred':
      return unlessEnded('postponed', note);
    case 'ignored':
      return unlessEnded('ignored', note);
    // The tracker's tools treat a missing state as not triaged.
    case 'needs-triage':
    case '':
      return unlessEnded('under-investigation', note);
    default:
      // The tracker's tools accept a fixed version in place of the state, which the oldest files contain.
      if (note === '' && versionIn(state) !== undefined) return readFix('fixed', state);
      return { status: 'unknown', diagnostic: `treated as affected: unknown state ${JSON.stringify(state)}` };
  }
}

/**
 * Combines the statements about a package in the archive and in the pockets of Extended Security Maintenance (ESM).
 *
 * - If the package in the archive is fixed, pending, unaffected or unknown, the state in the archive applies.
 * - Otherwise, a fix for subscribers ends the interval. The version of this fix is above all versions in the archive,
 *   so a system without a subscription remains affected. If the version of the fix is in the archive, the fix is for
 *   all users.
 * - If the only statement about the archive is that its support has ended, the subscribers' pockets are used.
 *   Subscribers' packages are based on the packages in the archive, so if a subscribers' package is not affected, the
 *   package in the archive is not affected either.
 *
 * @param archive undefined if only other pockets have the package
 * @returns undefined if there is no statement
 */
export function combineVerdicts(archive: Verdict | undefined, esm: readonly Verdict[]): Verdict | undefined {
  if (archive !== undefined && isFinal(archive)) return archive;
  const fixes = esm.filter(isFix).toSorted((a, b) => compareVersions(a.fixed, b.fixed));
  const highest = fixes.at(-1);
  if (highest !== undefined) return highest;
  if (archive === undefined) return esm.toSorted(compareCertainty)[0];
  const isCleared =
    archive.status === 'end-of-life' && esm.length > 0 && esm.every(({ status }) => status === undefined);
  return isCleared ? {} : archive;
}

/**
 * Parses the state of a package for subscribers. "Not affected" with a version means that earlier versions are affected.
 * If the version belongs to the archive (without `esm`), the fix is for all users.
 */
export function readSubscribersVerdict(state: string, note: string): Verdict {
  const fixed = state === 'not-affected' ? versionIn(note) : undefined;
  if (fixed !== undefined) return { status: /esm/i.test(fixed) ? 'fixed-for-subscribers' : 'fixed', fixed };
  const verdict = readVerdict(state, note);
  return verdict.status === 'fixed' ? { ...verdict, status: 'fixed-for-subscribers' } : verdict;
}

function isFix(verdict: Verdict): verdict is Verdict & { readonly fixed: string } {
  return (verdict.status === 'fixed' || verdict.status === 'fixed-for-subscribers') && verdict.fixed !== undefined;
}

/** Returns whether a state of the archive applies regardless of the states in other pockets. */
function isFinal({ status }: Verdict): boolean {
  return status === undefined || status === 'fixed' || status === 'pending' || status === 'unknown';
}

function readFix(status: Status, note: string): Verdict {
  const fixed = versionIn(note);
  if (fixed !== undefined) return { status, fixed };
  const why = note === '' ? 'missing fixed version' : `invalid fixed version ${note}`;
  return { status: 'unknown', diagnostic: `treated as affected: ${why}` };
}

/** Parses a pending fix, which often has no version yet. */
function readPending(note: string): Verdict {
  const fixed = versionIn(note);
  if (fixed !== undefined) return { status: 'pending', fixed };
  const verdict = unlessEnded('pending', note);
  if (note === '' || verdict.status !== 'pending') return verdict;
  return {
    ...verdict,
    diagnostic: `treated as affected in all versions: invalid fixed version ${note}`,
  };
}

/**
 * Matches notes that state the end of a release or of its standard support, which can occur with any state. Does not
 * match the end of upstream support. `ESM criteria` marks packages that are excluded from Extended Security
 * Maintenance.
 */
const ENDED =
  /^(?!\W*upstream\b).*\b(?:end[- ]of[- ](?:life|(?:\w+ )?support)|eol|out of standard support|esm criteria)\b/i;

function unlessEnded(status: Status, note: string): Verdict {
  return { status: ENDED.test(note) ? 'end-of-life' : status };
}

/** The round or square brackets around versions, which are sometimes doubled or not closed. */
const BRACKETS = /^[[(\s]+|[\])\s]+$/g;

/**
 * The form of a version (Debian Policy 5.6.12). The check is needed, because dpkg also accepts remarks and lists
 * (`1.2,1.3`) as versions.
 */
const VERSION = /^\d[A-Za-z0-9.+~:-]*$/;

function versionIn(note: string): string | undefined {
  const text = note.replaceAll(BRACKETS, '');
  return VERSION.test(text) && isVersion(text) ? text : undefined;
}

function isVersion(text: string): boolean {
  return dpkg.keyOf(text) !== undefined;
}

function compareVersions(a: string, b: string): number {
  return Buffer.compare(dpkg.key(a), dpkg.key(b));
}

/** Compares statuses in the order of {@link STATUSES}, most certain first. */
function compareCertainty(a: Verdict, b: Verdict): number {
  return placeOf(a) - placeOf(b);
}

function placeOf({ status }: Verdict): number {
  return status === undefined ? STATUSES.length : STATUSES.indexOf(status);
}
