import { type Feature, featureIdentity, withoutFlags } from '../../model/feature.ts';
import type { Match } from '../../model/report/match.ts';

/** The matches of a package in a namespace. */
export type PackageMatches = readonly [Match, ...Match[]];

/**
 * Groups matches by package and namespace, regardless of the flags of the package. The key of a package does not depend
 * on the list, so callers can look up the package in the groups of another list.
 */
export function byPackage(matches: readonly Match[]): ReadonlyMap<string, PackageMatches> {
  // The matches of a package usually share a package object, so this cache avoids building a key for each of hundreds
  // of thousands of matches.
  const byFeature = new Map<Feature, Map<string, [Match, ...Match[]]>>();
  for (const match of matches) {
    const ofFeature = byFeature.get(match.feature) ?? new Map<string, [Match, ...Match[]]>();
    byFeature.set(match.feature, ofFeature);
    const known = ofFeature.get(match.namespace);
    if (known === undefined) ofFeature.set(match.namespace, [match]);
    else known.push(match);
  }
  const packages = new Map<string, [Match, ...Match[]]>();
  for (const [feature, byNamespace] of byFeature) {
    for (const [namespace, of] of byNamespace) {
      const key = `${namespace}\n${featureIdentity(withoutFlags(feature))}`;
      const known = packages.get(key);
      if (known === undefined) packages.set(key, of);
      else for (const match of of) known.push(match);
    }
  }
  return packages;
}
