import type { Status } from '../../../model/advisories/status.ts';
import { rpm } from '../../../versions/rpm.ts';
import { type Branch, branchOf, withoutBuild } from './branch.ts';
import type { Platform } from './platform.ts';
import { type RatedSeverity, worseOf } from './rating.ts';

/** A version of a package that carries the fix, for one line of a release. */
export type Fix = { readonly version: string; readonly line: Platform['line']; readonly rating: RatedSeverity };

/** That the main line of a release has no fix, and why. */
export type Open = { readonly status: Status; readonly rating: RatedSeverity };

/** An interval of affected versions, as an AffectedPackage has it. */
export type AffectedRange = {
  readonly introduced?: string;
  readonly fixed?: string;
  readonly status: Status;
  readonly rating: RatedSeverity;
};

/**
 * The versions of a package that are affected, given all its fixes in one release of Red Hat Enterprise Linux.
 *
 * Red Hat fixes a vulnerability in several minor releases at once, each in a branch of its own (`7.76.1-23.el9_2.4` and
 * `7.76.1-26.el9_3.2`). A version is judged by its own branch: it is affected below the highest fix, but not where it is
 * from one of the branches and at or above the fix there. Branches that are supported longer for subscribers count in
 * this, so that their packages are not taken for old ones of the main line.
 *
 * Below a fix that only subscribers get, and with none of the main line above, the state is `fixed-for-subscribers`.
 *
 * @param open set when the main line has no fix, or not everywhere: all versions outside of the fixed branches are affected
 */
export function affectedRanges(all: readonly Fix[], open?: Open): readonly AffectedRange[] {
  const fixes = perBranch(all);
  const top = topOf(fixes, open);
  const ranges: AffectedRange[] = [];
  let start: Bound | undefined;
  for (const fix of fixes) {
    if (top !== undefined && compare(fix, top) > 0) break;
    // A fix whose branch is not known says nothing of the versions above it, so that a higher one has to.
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
 * From which fix on nothing is affected any more: the highest of the main line, or of all where that says nothing. When it
 * has no fix, only a fix of the last line counts so.
 */
function topOf(fixes: readonly BranchFix[], open: Open | undefined): BranchFix | undefined {
  if (open !== undefined) return fixes.findLast(({ line }) => line === 'last');
  return fixes.findLast(({ line }) => line === 'main') ?? fixes.at(-1);
}

/** The fixes by ascending version, one for each branch: of several errata for a vulnerability the last one counts. */
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

/** A module is built several times for one erratum, once for each version of what it needs: then all of them are fixed. */
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
