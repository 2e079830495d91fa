import { affectedIntervals, withoutIntervals } from '../vulnerabilities/affected-intervals.ts';
import { featuresInIntervals, intervalsText, schemesOf } from './feature-intervals.ts';
import type { Queries } from '../../engines/engine.ts';
import { ENDED } from '../matches/ended-releases.ts';
import { introducingLayers, isThere, readIntroducingLayers } from './introducing-layers.ts';
import { isProductOfLayer, ruleSql } from '../matches/matching-rules.ts';
import type { AffectedLayersQuery, LayerPage, LayerReference } from '../../contracts/matches.ts';

/**
 * Returns the layers that introduce a package in `affected` but no package in `except`, by id. First removes the
 * intervals that are in both `affected` and `except`, because most changes to an advisory leave most of its intervals
 * unchanged.
 */
export async function readAffectedLayers(
  { read, ended }: { readonly read: Queries; readonly ended: string },
  { affected, except = [] }: AffectedLayersQuery,
  page: LayerPage,
): Promise<readonly LayerReference[]> {
  const schemes = await schemesOf(read, [...affected, ...except]);
  const excluded = affectedIntervals(except, schemes);
  const wanted = withoutIntervals(affectedIntervals(affected, schemes), excluded);
  if (wanted.length === 0) return [];
  const excludedText = intervalsText(excluded);
  const query = { statement: SELECT_AFFECTED_LAYERS, values: [ended, intervalsText(wanted)] };
  return await readIntroducingLayers(read, query, page, async (layers) =>
    excluded.length === 0 ? layers : await layersWithout(read, [ended, excludedText], layers),
  );
}

async function layersWithout(
  read: Queries,
  excluded: readonly [ended: string, intervals: string],
  layers: readonly LayerReference[],
): Promise<readonly LayerReference[]> {
  const candidates = JSON.stringify(layers.map(({ id }) => id));
  const rows = await read.all<{ id: number }>(SELECT_AFFECTED_OF_LAYERS, [...excluded, candidates]);
  const found = new Set(rows.map(({ id }) => id));
  return layers.filter(({ id }) => !found.has(id));
}

const AFFECTED_PACKAGES = featuresInIntervals('DISTINCT feature.id, affected.cpe');

/** Parameters: the releases past their end of life, the intervals, and the page of {@link introducingLayers}. */
export const SELECT_AFFECTED_LAYERS: string = introducingLayers(AFFECTED_PACKAGES);

/**
 * Parameters: the releases past their end of life, the intervals, and a JSON list of layer ids. Returns the layers that
 * introduce a package of an interval. Starts from the given layers, because a package may be in a hundred thousand
 * layers.
 */
export const SELECT_AFFECTED_OF_LAYERS: string = `
WITH ${ENDED}, affected (feature, cpe) AS MATERIALIZED (${AFFECTED_PACKAGES})
SELECT layer.id
FROM json_each(?) AS candidate CROSS JOIN layer
WHERE layer.id = CAST(candidate.value AS BIGINT)
  AND ${isThere(`
    SELECT 1
    FROM affected CROSS JOIN layer_feature
    WHERE layer_feature.layer = layer.id
      AND layer_feature.feature = affected.feature
      AND layer_feature.change = 1
      AND ${ruleSql(['product'], isProductOfLayer)}`)}`;
