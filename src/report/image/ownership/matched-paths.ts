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
  const paths = new Map<string, Map<string, string[]>>();
  // An image has many more matches than packages.
  const identityOf = oncePer((feature: Feature) => featureIdentity(withoutFlags(feature)));
  for (const { feature, namespace, path, judgedBy } of installed) {
    if (path === '' || flagsOf(feature).includes('vendored')) continue;
    if (judgedBy !== undefined && judges.has(judgedBy)) continue;
    const ofNamespace = paths.get(namespace) ?? new Map<string, string[]>();
    paths.set(namespace, ofNamespace);
    const identity = identityOf(feature);
    const known = ofNamespace.get(identity);
    if (known === undefined) ofNamespace.set(identity, [path]);
    else known.push(path);
  }
  return (feature, namespace) => {
    // The namespaces of distributions have no paths, and most matches are in these namespaces.
    const ofNamespace = paths.get(namespace);
    return ofNamespace?.get(identityOf(feature)) ?? NO_PATHS;
  };
}

const NO_PATHS: readonly string[] = [];
