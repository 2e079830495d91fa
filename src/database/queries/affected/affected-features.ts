import type { AffectedPackage } from '../../../model/advisories/advisory.ts';
import { severityRank } from '../../../model/severity.ts';
import type { SchemeId } from '../../../versions/index.ts';
import type { Queries } from '../../engines/engine.ts';
import type { AffectedFeature, AffectedLayersQuery } from '../../contracts/matches.ts';
import { ENDED } from '../matches/ended-releases.ts';
import { partsOf } from '../row-pages.ts';
import { type AffectedInterval, affectedIntervals, withoutIntervals } from '../vulnerabilities/affected-intervals.ts';
import { featuresInIntervals, intervalsText, schemesOf } from './feature-intervals.ts';

/**
 * The number of intervals per query. A query of this size takes some milliseconds, so that other work of the thread can
 * run between queries.
 */
const INTERVALS_PER_QUERY = 1000;

/**
 * Returns the features that `affected` matches and `except` does not match. For a feature in several intervals, returns
 * the most severe affected package.
 */
export async function readAffectedFeatures(
  { read, ended }: { readonly read: Queries; readonly ended: string },
  { affected, except = [] }: AffectedLayersQuery,
): Promise<readonly AffectedFeature[]> {
  const schemes = await schemesOf(read, [...affected, ...except]);
  const excluded = affectedIntervals(except, schemes);
  const wanted = withoutIntervals(numberedIntervals(affected, schemes), excluded);
  const found = new Map<string, Omit<AffectedFeature, 'unless'>>();
  for (const part of partsOf(wanted, INTERVALS_PER_QUERY)) {
    for (const { feature, cpe, at } of await read.all<FeatureRow>(SELECT_FEATURES, [ended, intervalsText(part)])) {
      const [key, of, known] = [`${feature} ${cpe}`, affected[at], found.get(`${feature} ${cpe}`)];
      if (of !== undefined && (known === undefined || rankOf(of) > rankOf(known.affected))) {
        found.set(key, { feature, cpe, affected: of });
      }
    }
  }
  const products = await formerProducts(
    { read, ended },
    excluded,
    [...found.values()].map(({ feature }) => feature),
  );
  return [...found.values()].flatMap((each) => {
    const former = products.get(each.feature);
    if (former === undefined) return [{ ...each, unless: [] }];
    return former.has('') || former.has(each.cpe) ? [] : [{ ...each, unless: [...former].toSorted() }];
  });
}

type FeatureRow = { readonly feature: number; readonly cpe: string; readonly at: number };

type NumberedInterval = AffectedInterval & { readonly at: number };

/** Returns the intervals of affected packages; `at` is the index of the affected package. */
function numberedIntervals(
  affected: readonly AffectedPackage[],
  schemes: ReadonlyMap<string, SchemeId>,
): readonly NumberedInterval[] {
  return affected.flatMap((each, at) => affectedIntervals([each], schemes).map((interval) => ({ ...interval, at })));
}

/**
 * Returns, for each of the given features, the products in which an interval contains the feature. An empty text means
 * all products.
 */
async function formerProducts(
  { read, ended }: { readonly read: Queries; readonly ended: string },
  intervals: readonly AffectedInterval[],
  features: readonly number[],
): Promise<ReadonlyMap<number, ReadonlySet<string>>> {
  const products = new Map<number, Set<string>>();
  if (features.length === 0) return products;
  const wanted = JSON.stringify([...new Set(features)]);
  for (const part of partsOf(intervals, INTERVALS_PER_QUERY)) {
    const rows = await read.all<Omit<FeatureRow, 'at'>>(SELECT_AMONG_FEATURES, [ended, intervalsText(part), wanted]);
    for (const { feature, cpe } of rows) products.set(feature, (products.get(feature) ?? new Set()).add(cpe));
  }
  return products;
}

function rankOf({ severity }: AffectedPackage): number {
  return severityRank(severity);
}

/** Parameters: the releases past their end of life, and intervals. */
const SELECT_FEATURES = `
WITH ${ENDED} ${featuresInIntervals('feature.id AS feature, affected.cpe, affected.at')}`;

/** Parameters: the releases past their end of life, intervals, and a JSON list of features. */
const SELECT_AMONG_FEATURES = `
WITH ${ENDED} ${featuresInIntervals(
  'DISTINCT feature.id AS feature, affected.cpe',
  ' AND feature.id IN (SELECT CAST(value AS BIGINT) FROM json_each(?))',
)}`;
