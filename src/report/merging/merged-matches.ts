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

/** The matches of all advisories about one vulnerability in one package, as one. */
export type MergedMatch = Match & {
  readonly vulnerability: MergedVulnerability;
  /** The matches that were merged, one where that was renamed; absent for a match that is as it was. */
  readonly members?: readonly Match[];
};

/** `aliases` has the other names and, of an erratum, the CVEs that it fixes. */
export type MergedVulnerability = Match['vulnerability'] & {
  /** The other names of the vulnerability, sorted; none when absent. */
  readonly otherNames?: readonly string[];
  /** The pages of all advisories, `link` first; `link` alone when absent. */
  readonly links?: readonly string[];
};

/** What decides how matches are merged, beside themselves. */
export type MergeOptions = {
  /** The matches that the packages would have at later versions (`MatchStore.later`); none when absent. */
  readonly later?: readonly Match[];
  /** What the ecosystem of a feature declares; that of its type when absent. */
  readonly aliasesAreNames?: (feature: Feature) => boolean;
};

/**
 * Merges matches so that each package has one match for each vulnerability, whatever its names and feeds
 * (docs/report.md, "One finding for all names"). {@link groupsByName} decides which advisories are about one vulnerability.
 *
 * - The severity is that of the advisory whose rating has the most trusted origin (`SEVERITY_ORIGINS`); of several, the highest.
 * - The range is the one that ends last; the fixed version is one that no advisory of the vulnerability affects ({@link firstFix}).
 *
 * The aliases of an advisory are names of its vulnerability only where the ecosystem of the package declares so: elsewhere an
 * erratum with five CVEs would be five names of one vulnerability, and all errata for one CVE would be one finding. There only
 * advisories with the same identifier are merged, which several feeds may publish.
 *
 * The matches are sorted like those of a layer: by severity, vulnerability and package. Returns the input if nothing is to merge.
 */
export function mergedMatches(
  matches: readonly Match[],
  { later = [], aliasesAreNames = declaresNames }: MergeOptions = {},
): readonly MergedMatch[] {
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

/** Whether one of some names is a name of the vulnerability of a match. */
export function isNamed(
  { vulnerability: { name, otherNames = [] } }: MergedMatch,
  names: ReadonlySet<string>,
): boolean {
  return names.has(name) || otherNames.some((each) => names.has(each));
}

/** Whether the aliases of the advisories about a feature are names of their vulnerabilities. */
export function declaresNames(feature: Pick<Feature, 'type'>): boolean {
  return ecosystemOf(feature).aliasesAreNames === true;
}

/** Of one feed no two have the same identifier: it has one advisory with it. */
function isOfOneFeed(matches: PackageMatches): boolean {
  const [{ vulnerability: first }] = matches;
  return matches.every(({ vulnerability }) => vulnerability.feed === first.feed);
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
