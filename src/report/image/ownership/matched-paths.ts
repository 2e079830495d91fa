import { type Feature, featureIdentity, flagsOf, withoutFlags } from '../../../model/feature.ts';
import type { LocatedFeature } from '../../../model/layer.ts';
import { oncePer } from '../once-per.ts';

/**
 * Returns the paths at which a package with this feature and namespace was matched; an empty list for packages of a
 * package database.
 */
export type MatchedPaths = (feature: Feature, namespace: string) => readonly string[];

/**
 * Creates the lookup of the paths of an image's packages. The lookup omits vendored copies, and files whose advisories
 * come from their distribution.
 *
 * @param judges the namespaces whose advisories replace library advisories for files of distribution packages
 *   (`FeedStore.judges`)
 */
export function matchedPaths(installed: readonly LocatedFeature[], judges: ReadonlySet<string>): MatchedPaths {
  const paths = new Map<string, string[]>();
  // An image has many more matches than packages.
  const identityOf = oncePer((feature: Feature) => featureIdentity(withoutFlags(feature)));
  const keyOf = (feature: Feature, namespace: string): string => `${namespace}\n${identityOf(feature)}`;
  for (const { feature, namespace, path, judgedBy } of installed) {
    if (path === '' || flagsOf(feature).includes('vendored')) continue;
    if (judgedBy !== undefined && judges.has(judgedBy)) continue;
    const key = keyOf(feature, namespace);
    const known = paths.get(key);
    if (known === undefined) paths.set(key, [path]);
    else known.push(path);
  }
  return (feature, namespace) => paths.get(keyOf(feature, namespace)) ?? NO_PATHS;
}

const NO_PATHS: readonly string[] = [];
