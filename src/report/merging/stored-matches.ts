import { ECOSYSTEMS } from '../../ecosystems/index.ts';
import type { MatchStore } from '../../database/contracts/matches.ts';
import type { Match } from '../../model/report/match.ts';
import { declaresNames, type MergedMatch, mergedMatches, type MergeOptions } from './merged-matches.ts';

/** The types of packages whose advisories are merged by alias. */
const TYPES = ECOSYSTEMS.filter(({ aliasesAreNames }) => aliasesAreNames === true).map(({ type }) => type);

/** The inputs of {@link mergedMatches}; `later` is the result of {@link laterMatches}. */
export type MatchesToMerge = MergeOptions & { readonly matches: readonly Match[]; readonly later: readonly Match[] };

/** Reads the merged matches of a layer, given its ID. */
export async function mergedMatchesOf(
  store: Pick<MatchStore, 'ofLayer' | 'later'>,
  layer: number,
): Promise<readonly MergedMatch[]> {
  const { matches, later } = await matchesToMerge(store, layer);
  return mergedMatches(matches, { later });
}

/** Reads the inputs of {@link mergedMatches} for a layer, given its ID. */
export async function matchesToMerge(
  store: Pick<MatchStore, 'ofLayer' | 'later'>,
  layer: number,
): Promise<MatchesToMerge> {
  const matches = await store.ofLayer(layer);
  return { matches, later: await laterMatches(store, layer, matches) };
}

/**
 * Reads the matches at later versions; {@link mergedMatches} derives fixed versions from these matches. The function
 * reads nothing if no package with matches has a type in {@link TYPES}.
 *
 * @param layer the ID of the layer
 */
export async function laterMatches(
  store: Pick<MatchStore, 'later'>,
  layer: number,
  matches: readonly Match[],
): Promise<readonly Match[]> {
  const isNeeded = matches.some(({ feature }) => declaresNames(feature));
  return isNeeded ? await store.later(layer, TYPES) : [];
}
