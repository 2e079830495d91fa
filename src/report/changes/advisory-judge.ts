import { lineKey } from '../../ecosystems/line-key.ts';
import { matchWeight } from '../../database/queries/matches/match-rows.ts';
import { widestMatch } from '../../database/queries/matches/widest-match.ts';
import type { Advisory, AffectedPackage } from '../../model/advisories/advisory.ts';
import type { LocatedFeature } from '../../model/layer.ts';
import type { Match } from '../../model/report/match.ts';
import { ecosystemOf } from '../../ecosystems/index.ts';
import { type Lookup } from '../../ecosystems/ecosystem.ts';
import { ruleOutcome } from '../explanation/rule-outcome.ts';
import { groupedBy } from '../writing/grouped.ts';

export type AdvisoryJudge = (feed: string, advisory: Advisory) => readonly Match[];

/**
 * Creates the function that matches the packages of an image with advisories that are not stored. The function applies
 * the same rules as the index (`src/database/queries/matches/match-rows.ts`).
 *
 * @param products the products of the repositories of each layer, base first
 * @param judges the namespaces whose advisories replace library advisories for files of distribution packages
 *   (`FeedStore.judges`)
 */
export function advisoryJudge(
  installed: readonly LocatedFeature[],
  products: readonly ReadonlySet<string>[],
  judges: ReadonlySet<string>,
): AdvisoryJudge {
  const isIn = (each: LocatedFeature, name: Lookup, affected: AffectedPackage): boolean => {
    const context = { products: products[each.originDepth] ?? new Set<string>(), judges };
    return ruleOutcome(each, name, affected, context) === 'affected';
  };
  const lines = groupedBy(
    installed.flatMap((each) =>
      ecosystemOf(each.feature)
        .lines(each.feature)
        .map((name): Point => ({ each, name })),
    ),
    ({ each, name }) => lineKey(each.namespace, name.name, name.role),
  );
  return (feed, advisory) => {
    const found = advisory.affected.flatMap((affected) =>
      (lines.get(lineKey(affected.namespace, affected.package, affected.role)) ?? [])
        .filter(({ each, name }) => isIn(each, name, affected))
        .map(({ each }) => ({
          each,
          match: matchOf(feed, advisory, affected, each),
          weight: matchWeight(affected.cpe ?? '', affected.role === 'source'),
        })),
    );
    const chosen = new Map<LocatedFeature, { readonly match: Match; readonly weight: number }>();
    for (const { each, match, weight } of found) {
      const known = chosen.get(each);
      if (known === undefined || weight < known.weight) chosen.set(each, { match, weight });
      else if (weight === known.weight) chosen.set(each, { match: widestMatch(known.match, match), weight });
    }
    return [...chosen.values()].map(({ match }) => match);
  };
}

/** A package, with one of its version lines. */
type Point = { readonly each: LocatedFeature; readonly name: Lookup };

function matchOf(
  feed: string,
  { id, link, description, aliases = [] }: Advisory,
  affected: AffectedPackage,
  { feature: of, originDepth }: LocatedFeature,
): Match {
  const { namespace, severity, severityFrom = 'feed', status, fixed = null, role } = affected;
  const { package: name, introduced = null, lastAffected = null } = affected;
  return {
    vulnerability: { feed, name: id, link, description, aliases },
    namespace,
    severity,
    severityFrom,
    status,
    fixed,
    range: { name, ...(role && { role }), introduced, lastAffected },
    feature: of,
    originDepth,
  };
}
