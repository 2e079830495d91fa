import type { AffectedPackage } from '../../model/advisories/advisory.ts';
import { SCHEMES } from '../../versions/index.ts';
import { widestOnly, wordsOf } from './widest-affected.ts';

/**
 * Splits what an advisory of rpm packages says of one package in the same words at each build that it lists as fixed: of
 * several builds the highest ends the interval, because nothing tells which one is meant, but a build that the advisory itself
 * lists carries the fix and no update would help it.
 *
 * AlmaLinux lists `91.3.0-2.el8_4.alma` beside `91.3.0-2.el8_4.alma.plus`: versions below the first build and between the two
 * are affected.
 */
export function withoutListedFixes(affected: readonly AffectedPackage[]): readonly AffectedPackage[] {
  const builds = new Map<string, Map<string, string>>();
  for (const each of affected) {
    if (each.fixed === undefined) continue;
    const listed = builds.get(wordsOf(each)) ?? new Map<string, string>();
    builds.set(wordsOf(each), listed);
    // Builds that are written differently may be one version.
    listed.set(Buffer.from(key(each.fixed)).toString('hex'), each.fixed);
  }
  return widestOnly(affected, 'rpm').flatMap((widest) => splitAt(widest, builds.get(wordsOf(widest)) ?? new Map()));
}

function splitAt(widest: AffectedPackage, builds: ReadonlyMap<string, string>): readonly AffectedPackage[] {
  // A version without a release stands for every build of it: there is none right above it.
  if (widest.fixed === undefined || builds.size === 1 || [...builds.values()].some((build) => !build.includes('-'))) {
    return [widest];
  }
  const ascending = [...builds.values()].toSorted((a, b) => Buffer.compare(key(a), key(b)));
  return ascending.map((fixed, place) => {
    const below = ascending[place - 1];
    return { ...widest, ...(below !== undefined && { introduced: rightAbove(below) }), fixed };
  });
}

/** rpm sorts a caret at the end above the version itself and below everything else that may follow (rpm-version(7)). */
function rightAbove(version: string): string {
  return `${version}^`;
}

function key(version: string): Uint8Array {
  return SCHEMES.rpm.key(version);
}
