import { STATUSES, type Status } from '../../../model/advisories/status.ts';
import { dpkg } from '../../../versions/dpkg.ts';

/** What the tracker says of a package; without a status it is not affected. */
export type Verdict = {
  readonly status?: Status;
  /** The first version that is not affected. */
  readonly fixed?: string;
  /** What was not understood, and what was done about it. */
  readonly diagnostic?: string;
};

/**
 * Reads a state of the tracker and the note behind it (README of the tracker, "Package Status"; docs/coverage.md has the
 * table). `DNE`, that the package does not exist there, is for the caller: nothing is said of it then.
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
    // No state is one that nobody has looked at, as the tracker's own tools read it.
    case 'needs-triage':
    case '':
      return unlessEnded('under-investigation', note);
    default:
      // In the oldest files the version stands in place of the state; the tracker's own tools read it as a fix.
      if (note === '' && versionIn(state) !== undefined) return readFix('fixed', state);
      return { status: 'unknown', diagnostic: `taken as affected: its state is unknown: ${JSON.stringify(state)}` };
  }
}

/**
 * Puts together what is said of a package of the archive and of the one that subscribers to Extended Security Maintenance
 * get in its place:
 *
 * - What the archive fixes, will fix or never had is as the archive says.
 * - Else a fix in the packages of subscribers ends the interval. Their versions are above all of the archive, so that
 *   everybody without a subscription stays affected; a fix in a version of the archive itself is one for everybody.
 * - Where the archive only says that its support has ended, the team of subscribers is the one that still looks. They
 *   start from the package of the archive: if it is not affected, neither is that one.
 *
 * @param archive undefined where the archive does not have the package: it is known from the other pockets only
 * @returns undefined when nobody says anything
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
 * Reads a state of a package of subscribers; their fixes are for subscribers. One that is not affected from some version on
 * was affected before it: where that is a version of the archive, which has no `esm` in it, the fix is for everybody.
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

/** States of the archive that no other pocket changes. */
function isFinal({ status }: Verdict): boolean {
  return status === undefined || status === 'fixed' || status === 'pending' || status === 'unknown';
}

function readFix(status: Status, note: string): Verdict {
  const fixed = versionIn(note);
  if (fixed !== undefined) return { status, fixed };
  const diagnostic = `taken as affected: it is fixed in no version that dpkg knows: ${note === '' ? 'nothing' : note}`;
  return { status: 'unknown', diagnostic };
}

/** The version of a fix that is to come is often not known yet. */
function readPending(note: string): Verdict {
  const fixed = versionIn(note);
  if (fixed !== undefined) return { status: 'pending', fixed };
  const verdict = unlessEnded('pending', note);
  if (note === '' || verdict.status !== 'pending') return verdict;
  return {
    ...verdict,
    diagnostic: `taken as affected in all versions: its fix is in no version that dpkg knows: ${note}`,
  };
}

/**
 * That a release, or its standard support, has ended is told in the note, of whatever state it was then; what upstream has
 * ended is something else. `ESM criteria` is said of packages that were not taken into Extended Security Maintenance.
 */
const ENDED =
  /^(?!\W*upstream\b).*\b(?:end[- ]of[- ](?:life|(?:\w+ )?support)|eol|out of standard support|esm criteria)\b/i;

function unlessEnded(status: Status, note: string): Verdict {
  return { status: ENDED.test(note) ? 'end-of-life' : status };
}

/** Brackets of either kind stand around a version, sometimes not closed or twice. */
const BRACKETS = /^[[(\s]+|[\])\s]+$/g;

/** As Debian Policy 5.6.12 has it: dpkg also takes remarks and lists (`1.2,1.3`) for versions. */
const VERSION = /^\d[A-Za-z0-9.+~:-]*$/;

/** The one version that a note consists of. */
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

/** The surest of several states first, in the order of {@link STATUSES}. */
function compareCertainty(a: Verdict, b: Verdict): number {
  return placeOf(a) - placeOf(b);
}

function placeOf({ status }: Verdict): number {
  return status === undefined ? STATUSES.length : STATUSES.indexOf(status);
}
