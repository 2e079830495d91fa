import { widestMatch } from '../../database/queries/matches/widest-match.ts';
import { ecosystemOf } from '../../ecosystems/index.ts';
import type { Feature } from '../../model/feature.ts';
import { cvesOf, type Match } from '../../model/report/match.ts';
import { textOrder } from '../../model/text-order.ts';
import { firstFix } from './first-fix.ts';
import { byAdvisory, bySeverity, mostTrusted } from './match-order.ts';
import { byPackage, type PackageMatches } from './package-matches.ts';
import type { AdvisoryNames } from './advisory-names.ts';
import { groupsByName, type NameGroup } from './name-groups.ts';

/** A match that combines all advisories about a vulnerability in a package. */
export type MergedMatch = Match & {
  readonly vulnerability: MergedVulnerability;
  /** The original matches that were merged or renamed; absent if the match is unchanged. */
  readonly members?: readonly Match[];
};

/** A merged vulnerability. For an erratum, `aliases` also contains the CVEs that the erratum fixes. */
export type MergedVulnerability = Match['vulnerability'] & {
  /** The aliases of the vulnerability, sorted; absent if the match is unchanged. */
  readonly otherNames?: readonly string[];
  /** The pages of all advisories, `link` first; if absent, `link` is the only page. */
  readonly links?: readonly string[];
};

/** The inputs of a merge in addition to the matches. */
export type MergeOptions = {
  /** The matches of the packages at later versions (`MatchStore.later`); by default none. */
  readonly later?: readonly Match[];
  /**
   * Returns whether the aliases of advisories about a feature are names of their vulnerabilities; by default, the type
   * of the feature decides.
   */
  readonly aliasesAreNames?: (feature: Feature) => boolean;
};

/**
 * Merges matches so that each package has a single match for each vulnerability, regardless of the names and feeds of
 * the vulnerability (docs/reference/report.md). {@link groupsByName} determines which advisories are about the same
 * vulnerability.
 *
 * - The severity comes from the advisory with the most trusted origin. A rating from GitHub (`GHSA-…`) or the NVD is
 *   used only if no other advisory has a rating; `SEVERITY_ORIGINS` ranks the other origins. For equal origins, the
 *   highest severity applies.
 * - The merged match has the range that ends last. The fixed version is not affected by any advisory of the
 *   vulnerability ({@link firstFix}).
 *
 * The aliases of an advisory are names of its vulnerability only in ecosystems that declare aliases to be names. If
 * aliases were names in every ecosystem, an erratum that fixes five CVEs would become a single vulnerability with five
 * names. In other ecosystems, the function merges only advisories with the same identifier, which several feeds can
 * publish.
 *
 * The result is sorted by severity, vulnerability and package. If no package can have matches to merge, the function
 * returns its input.
 */
export function mergedMatches(
  matches: readonly Match[],
  { later = [], aliasesAreNames = declaresNames }: MergeOptions = {},
): readonly MergedMatch[] {
  if (isOfOneFeed(matches) && !matches.some(({ feature }) => aliasesAreNames(feature))) return matches;
  const packages = byPackage(matches);
  const areAllApart = (of: PackageMatches): boolean => isOfOneFeed(of) && !aliasesAreNames(of[0].feature);
  if ([...packages.values()].every(areAllApart)) return matches;
  const laterOnes = byPackage(later);
  const namesOf = ({ feature, vulnerability: { name, aliases } }: Match): AdvisoryNames => ({
    name,
    aliases: aliasesAreNames(feature) ? aliases : [],
  });
  const merged = [...packages].flatMap(([key, of]): readonly MergedMatch[] => {
    if (areAllApart(of)) return of;
    const laterOfPackage = laterOnes.get(key) ?? [];
    const isLater = new Set(laterOfPackage);
    return groupsByName([...of, ...laterOfPackage].toSorted(byAdvisory), namesOf).flatMap((group) => {
      const [first, ...others] = group.members.filter((match) => !isLater.has(match));
      const ofGroup = group.members.filter((match) => isLater.has(match));
      if (first === undefined) return [];
      const isAlone = others.length === 0 && ofGroup.length === 0 && !aliasesAreNames(first.feature);
      return [isAlone ? first : mergedMatch(group, [first, ...others], ofGroup)];
    });
  });
  return merged.toSorted(bySeverity);
}

/** Returns whether the vulnerability of a match has one of the names. */
export function isNamed(
  { vulnerability: { name, otherNames = [] } }: MergedMatch,
  names: ReadonlySet<string>,
): boolean {
  return names.has(name) || otherNames.some((each) => names.has(each));
}

/** Returns whether the aliases of advisories about a feature are names of their vulnerabilities. */
export function declaresNames(feature: Pick<Feature, 'type'>): boolean {
  return ecosystemOf(feature).aliasesAreNames === true;
}

/**
 * Returns whether all matches are of a single feed. Identifiers are unique within a feed, so such matches do not merge
 * by identifier.
 */
function isOfOneFeed(matches: readonly Match[]): boolean {
  const feed = matches[0]?.vulnerability.feed;
  return matches.every(({ vulnerability }) => vulnerability.feed === feed);
}

function mergedMatch(
  { id, aliases: otherNames }: NameGroup<Match>,
  members: PackageMatches,
  later: readonly Match[],
): MergedMatch {
  const advisories = members.map(({ vulnerability }) => vulnerability);
  const names = new Set([...otherNames, ...advisories.flatMap(cvesOf)]);
  names.delete(id);
  const links = [...new Set(advisories.map(({ link }) => link))].filter((link) => link !== '');
  const { severity, severityFrom } = members.reduce(mostTrusted);
  const widest = members.reduce(widestMatch);
  return {
    ...widest,
    ...firstFix(widest, later),
    vulnerability: {
      feed: members[0].vulnerability.feed,
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
