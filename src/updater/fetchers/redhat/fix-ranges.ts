import type { Status } from '../../../model/advisories/status.ts';
import { rpm } from '../../../versions/rpm.ts';
import { type Branch, branchOf, withoutBuild } from './branch.ts';
import type { Platform } from './platform.ts';
import { type RatedSeverity, worseOf } from './rating.ts';

/** A fixed version in a release with its kind of support ({@link Platform}). */
export type Fix = { readonly version: string; readonly line: Platform['line']; readonly rating: RatedSeverity };

/** The reason why a release has no fix with standard support. */
export type Open = { readonly status: Status; readonly rating: RatedSeverity };

export type AffectedRange = {
  readonly introduced?: string;
  readonly fixed?: string;
  readonly status: Status;
  readonly rating: RatedSeverity;
};

/**
 * Returns the affected versions of a package, given all its fixes in one release of Red Hat Enterprise Linux.
 *
 * Red Hat fixes a vulnerability in several minor releases at the same time. Each minor release has a branch
 * (`7.76.1-23.el9_2.4` and `7.76.1-26.el9_3.2`). A version below the highest fix is affected, unless it belongs to a
 * fixed branch and is at or above the fix in this branch. Branches with extended support are included, so that their
 * packages are not treated as old packages with standard support.
 *
 * The status is `fixed-for-subscribers` if the next higher fix is for subscribers and no higher fix has standard
 * support.
 *
 * @param open set if standard support has no fix or lacks some fixes. All versions outside the fixed branches are then
 * affected; if a fix has the support `last`, only versions below the highest such fix are affected.
 */
export function affectedRanges(all: readonly Fix[], open?: Open): readonly AffectedRange[] {
  const fixes = perBranch(all);
  const top = topOf(fixes, open);
  const ranges: AffectedRange[] = [];
  let start: Bound | undefined;
  for (const fix of fixes) {
    if (top !== undefined && compare(fix, top) > 0) break;
    // A fix in an unknown branch does not determine the state of higher versions, so the next higher fix determines the
    // state.
    if (fix.branch === undefined && fix !== top) continue;
    if (start === undefined || compare(start, fix) < 0) {
      const hasMain = fixes.some((other) => other.line === 'main' && compare(other, fix) >= 0);
      ranges.push({
        ...(start !== undefined && { introduced: start.version }),
        fixed: fix.version,
        status: hasMain ? 'fixed' : 'fixed-for-subscribers',
        rating: fix.rating,
      });
    }
    const end = fix.branch && boundOf(fix.branch.end);
    if (end !== undefined && (start === undefined || compare(end, start) > 0)) start = end;
  }
  if (open !== undefined && top === undefined) {
    ranges.push({ ...(start !== undefined && { introduced: start.version }), ...open });
  }
  return ranges;
}

type Bound = { readonly version: string; readonly key: Uint8Array };

type BranchFix = Fix & Bound & { readonly branch: Branch | undefined };

/**
 * Returns the fix at and above which no version is affected. If `open` is set, the result is the highest fix with the
 * support `last`, or undefined. Otherwise, the result is the highest fix with standard support or, if no fix has
 * standard support, the highest fix.
 */
function topOf(fixes: readonly BranchFix[], open: Open | undefined): BranchFix | undefined {
  if (open !== undefined) return fixes.findLast(({ line }) => line === 'last');
  return fixes.findLast(({ line }) => line === 'main') ?? fixes.at(-1);
}

/**
 * Returns the fixes in ascending order of version; if a branch has several errata, the erratum with the highest version
 * is used.
 */
function perBranch(all: readonly Fix[]): readonly BranchFix[] {
  const branches = new Map<string, BranchFix>();
  const versions = all.map(({ version }) => version);
  for (const each of all) {
    const fix = { ...each, ...boundOf(each.version), branch: branchOf(each.version, versions) };
    const name = fix.branch?.name ?? fix.version;
    const other = branches.get(name);
    branches.set(name, other === undefined ? fix : unite(other, fix));
  }
  return [...branches.values()].toSorted(compare);
}

/**
 * Unites two fixes of a branch. For the same erratum, a module is built several times, once per version of its
 * dependencies. All builds contain the fix, so the lowest version is used.
 */
function unite(a: BranchFix, b: BranchFix): BranchFix {
  const [lower, higher] = compare(a, b) < 0 ? [a, b] : [b, a];
  const chosen = withoutBuild(lower.version) === withoutBuild(higher.version) ? lower : higher;
  return { ...chosen, line: mainOf(a.line, b.line), rating: worseOf(a.rating, b.rating) };
}

function mainOf(a: Platform['line'], b: Platform['line']): Platform['line'] {
  if (a === 'main' || b === 'main') return 'main';
  return a === 'last' ? a : b;
}

function boundOf(version: string): Bound {
  return { version, key: rpm.key(version) };
}

function compare(a: Bound, b: Bound): number {
  return Buffer.compare(a.key, b.key);
}
