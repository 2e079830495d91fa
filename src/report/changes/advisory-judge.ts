import { matchWeight } from '../../database/queries/matches/match-rows.ts';
import { widestMatch } from '../../database/queries/matches/widest-match.ts';
import type { Advisory, AffectedPackage } from '../../model/advisories/advisory.ts';
import type { InstalledPackage } from '../../model/layer.ts';
import type { Match } from '../../model/report/match.ts';
import { type MatchedName, matchedNames } from '../../model/package.ts';
import { ruleOutcome } from '../explanation/rule-outcome.ts';
import { groupedBy } from '../writing/grouped.ts';

/** Gives what the word of a source on a vulnerability finds affected. */
export type AdvisoryJudge = (source: string, advisory: Advisory) => readonly Match[];

/**
 * Judges the packages of an image by advisories that need not be stored, as the index does by those that are
 * (`src/database/queries/matches/match-rows.ts`). An advisory that names none of the packages costs next to nothing.
 *
 * @param products whose repositories each layer was built from, base first
 */
export function advisoryJudge(
  installed: readonly InstalledPackage[],
  products: readonly ReadonlySet<string>[],
): AdvisoryJudge {
  const lines = groupedBy(
    installed.flatMap((each) => matchedNames(each.package).map((name): Point => ({ each, name }))),
    ({ each, name }) => lineKey(each.namespace, name.name, name.by),
  );
  return (source, advisory) => {
    const found = advisory.affected.flatMap((affected) =>
      (lines.get(lineKey(affected.namespace, affected.package, affected.by)) ?? [])
        .filter(({ each, name }) => isAffected(each, name, affected, products))
        .map(({ each }) => ({
          each,
          match: matchOf(source, advisory, affected, each),
          weight: matchWeight(affected.cpe ?? '', affected.by === 'source'),
        })),
    );
    const chosen = new Map<InstalledPackage, { readonly match: Match; readonly weight: number }>();
    for (const { each, match, weight } of found) {
      const known = chosen.get(each);
      if (known === undefined || weight < known.weight) chosen.set(each, { match, weight });
      else if (weight === known.weight) chosen.set(each, { match: widestMatch(known.match, match), weight });
    }
    return [...chosen.values()].map(({ match }) => match);
  };
}

/** A package on the line of one of its names. */
type Point = { readonly each: InstalledPackage; readonly name: MatchedName };

function lineKey(namespace: string, name: string, by: 'source' | undefined): string {
  return `${namespace}\n${name}\n${by ?? ''}`;
}

function isAffected(
  each: InstalledPackage,
  name: MatchedName,
  affected: AffectedPackage,
  products: readonly ReadonlySet<string>[],
): boolean {
  return ruleOutcome(each, name, affected, products[each.originDepth] ?? new Set()) === 'affected';
}

function matchOf(
  source: string,
  { id, link, description, aliases = [] }: Advisory,
  affected: AffectedPackage,
  { package: of, originDepth }: InstalledPackage,
): Match {
  const { namespace, severity, severityFrom = 'source', status, fixed = null, by } = affected;
  const { package: name, introduced = null, lastAffected = null } = affected;
  return {
    vulnerability: { source, name: id, link, description, aliases },
    namespace,
    severity,
    severityFrom,
    status,
    fixed,
    range: { name, ...(by && { by }), introduced, lastAffected },
    package: of,
    originDepth,
  };
}
