import type { AffectedPackage } from '../../model/advisories/advisory.ts';
import { SCHEMES } from '../../versions/index.ts';
import { widestOnly, wordsOf } from './widest-affected.ts';

/**
 * Splits the interval of an rpm package for which an advisory lists several fixed builds. The highest build ends the
 * interval, because the advisory does not state which build applies. The listed builds themselves are not affected.
 *
 * For example, AlmaLinux lists `91.3.0-2.el8_4.alma` and `91.3.0-2.el8_4.alma.plus`. Versions below the first build,
 * and versions between the two builds, are affected.
 */
export function withoutListedFixes(affected: readonly AffectedPackage[]): readonly AffectedPackage[] {
  const builds = new Map<string, Map<string, string>>();
  for (const each of affected) {
    if (each.fixed === undefined) continue;
    const listed = builds.get(wordsOf(each)) ?? new Map<string, string>();
    builds.set(wordsOf(each), listed);
    // Two spellings can denote the same version.
    listed.set(Buffer.from(key(each.fixed)).toString('hex'), each.fixed);
  }
  return widestOnly(affected, 'rpm').flatMap((widest) => splitAt(widest, builds.get(wordsOf(widest)) ?? new Map()));
}

function splitAt(widest: AffectedPackage, builds: ReadonlyMap<string, string>): readonly AffectedPackage[] {
  // A version without a release equals each of its builds, so no version is directly above it. The interval then stays
  // whole.
  if (widest.fixed === undefined || builds.size === 1 || [...builds.values()].some((build) => !build.includes('-'))) {
    return [widest];
  }
  const ascending = [...builds.values()].toSorted((a, b) => Buffer.compare(key(a), key(b)));
  return ascending.map((fixed, place) => {
    const below = ascending[place - 1];
    return { ...widest, ...(below !== undefined && { introduced: rightAbove(below) }), fixed };
  });
}

/** Returns the version directly above a version; rpm sorts a version with a trailing caret there (rpm-version(7)). */
function rightAbove(version: string): string {
  return `${version}^`;
}

function key(version: string): Uint8Array {
  return SCHEMES.rpm.key(version);
}
