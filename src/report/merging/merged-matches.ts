import { widestMatch } from '../../database/queries/matches/widest-match.ts';
import { ecosystemOf } from '../../ecosystems/index.ts';
import { archOf, type Feature, featureIdentity } from '../../model/feature.ts';
import { cvesOf, type Match } from '../../model/report/match.ts';
import { SEVERITY_ORIGINS, severityRank } from '../../model/severity.ts';
import { textOrder } from '../../model/text-order.ts';
import { type AdvisoryNames, groupsByName, type NameGroup } from './name-groups.ts';

/** The matches of all advisories about one vulnerability in one package, as one. */
export type MergedMatch = Match & {
  readonly vulnerability: MergedVulnerability;
  /** The matches that were merged; absent for a match that is as it was. */
  readonly members?: readonly Match[];
};

/** `aliases` has the other names and, of an erratum, the CVEs that it fixes. */
export type MergedVulnerability = Match['vulnerability'] & {
  /** The other names of the vulnerability, sorted; none when absent. */
  readonly otherNames?: readonly string[];
  /** The pages of all advisories, `link` first; `link` alone when absent. */
  readonly links?: readonly string[];
};

/**
 * Merges matches so that each package has one match for each vulnerability, whatever its names and feeds
 * (docs/report.md, "One finding for all names"). {@link groupsByName} decides which advisories are about one vulnerability.
 *
 * - The severity is that of the advisory whose rating has the most trusted origin ({@link SEVERITY_ORIGINS}); of several, the highest.
 * - The range, the fixed version and the status are those of the range that ends last.
 *
 * The aliases of an advisory are names of its vulnerability only where the ecosystem of the package declares so: elsewhere an
 * erratum with five CVEs would be five names of one vulnerability, and all errata for one CVE would be one finding. There only
 * advisories with the same identifier are merged, which several feeds may publish.
 *
 * The matches are sorted like those of a layer: by severity, vulnerability and package. Returns the input if nothing is to merge.
 *
 * @param aliasesAreNames what the ecosystem of a feature declares
 */
export function mergedMatches(
  matches: readonly Match[],
  aliasesAreNames: (feature: Feature) => boolean = (feature) => ecosystemOf(feature).aliasesAreNames === true,
): readonly MergedMatch[] {
  const packages = byPackage(matches);
  const isMerged = (of: PackageMatches): boolean => isOfOneFeed(of) && !aliasesAreNames(of[0].feature);
  if (packages.every(isMerged)) return matches;
  const namesOf = ({ feature, vulnerability: { name, aliases } }: Match): AdvisoryNames => ({
    name,
    aliases: aliasesAreNames(feature) ? aliases : [],
  });
  return packages
    .flatMap((of): readonly MergedMatch[] =>
      isMerged(of) ? of : groupsByName(of.toSorted(byAdvisory), namesOf).map(mergedMatch),
    )
    .toSorted(bySeverity);
}

type PackageMatches = readonly [Match, ...Match[]];

/** One feed has one advisory with an identifier. */
function isOfOneFeed([first, ...others]: PackageMatches): boolean {
  return others.every(({ vulnerability: { feed } }) => feed === first.vulnerability.feed);
}

/** Groups matches by package and namespace. */
function byPackage(matches: readonly Match[]): readonly PackageMatches[] {
  // Usually one object stands for a package, which spares a text for each of hundreds of thousands of matches.
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
      const key = `${namespace}\n${featureIdentity(feature)}`;
      const known = packages.get(key);
      if (known === undefined) packages.set(key, of);
      else for (const match of of) known.push(match);
    }
  }
  return [...packages.values()];
}

function mergedMatch({ id, aliases: otherNames, members }: NameGroup<Match>): MergedMatch {
  const advisories = members.map(({ vulnerability }) => vulnerability);
  const names = new Set([...otherNames, ...advisories.flatMap(cvesOf)]);
  names.delete(id);
  const links = [...new Set(advisories.map(({ link }) => link))].filter((link) => link !== '');
  const { severity, severityFrom } = members.reduce(mostTrusted);
  return {
    ...members.reduce(widestMatch),
    vulnerability: {
      feed: advisories[0]?.feed ?? '',
      name: id,
      link: links[0] ?? '',
      description: advisories.find(({ description }) => description !== '')?.description ?? '',
      aliases: [...names].toSorted(textOrder),
      otherNames,
      links,
    },
    severity,
    severityFrom,
    originDepth: Math.min(...members.map(({ originDepth }) => originDepth)),
    members,
  };
}

function mostTrusted(one: Match, other: Match): Match {
  const order = trustOf(one) - trustOf(other) || severityRank(other.severity) - severityRank(one.severity);
  return order > 0 ? other : one;
}

/** The place of the origin of a severity, the most trusted first; what is not rated comes last. */
function trustOf({ severity, severityFrom }: Match): number {
  return severity === 'Unknown' ? SEVERITY_ORIGINS.length : SEVERITY_ORIGINS.indexOf(severityFrom);
}

/** An order of the matches of one package that does not depend on that of the rows. */
function byAdvisory({ vulnerability: one, ...a }: Match, { vulnerability: other, ...b }: Match): number {
  return (
    textOrder(one.name, other.name) ||
    textOrder(one.feed, other.feed) ||
    textOrder(JSON.stringify([a.fixed, a.range, a.status]), JSON.stringify([b.fixed, b.range, b.status]))
  );
}

function bySeverity(one: Match, other: Match): number {
  return (
    severityRank(other.severity) - severityRank(one.severity) ||
    textOrder(one.vulnerability.name, other.vulnerability.name) ||
    textOrder(one.feature.name, other.feature.name) ||
    textOrder(archOf(one.feature), archOf(other.feature)) ||
    textOrder(one.feature.version, other.feature.version) ||
    textOrder(featureIdentity(one.feature), featureIdentity(other.feature)) ||
    textOrder(one.namespace, other.namespace)
  );
}
