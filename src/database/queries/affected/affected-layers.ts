import type { AffectedPackage } from '../../../model/advisories/advisory.ts';
import type { SchemeId } from '../../../versions/index.ts';
import { type AffectedInterval, affectedIntervals, withoutIntervals } from '../vulnerabilities/affected-intervals.ts';
import type { Queries } from '../../engines/engine.ts';
import { ENDED } from '../matches/ended-releases.ts';
import { introducingLayers, isThere, readIntroducingLayers } from './introducing-layers.ts';
import { isProductOfLayer, ruleSql } from '../matches/matching-rules.ts';
import type { AffectedLayersQuery, LayerPage, LayerReference } from '../../contracts/matches.ts';

/**
 * Returns the layers that introduce a package in `affected` but none in `except`, by id. Subtracts common intervals
 * first, because most changes of an advisory leave most of it unchanged.
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

async function schemesOf(read: Queries, affected: readonly AffectedPackage[]): Promise<ReadonlyMap<string, SchemeId>> {
  const names = new Set(affected.map(({ namespace }) => namespace));
  const rows = await read.all<{ name: string; scheme: SchemeId }>(SELECT_SCHEMES, [JSON.stringify([...names])]);
  return new Map(rows.map(({ name, scheme }) => [name, scheme]));
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

/** The columns that {@link AFFECTED_PACKAGES} reads; keys are hexadecimal, because JSON has no bytes. */
function intervalsText(intervals: readonly AffectedInterval[]): string {
  return JSON.stringify(
    intervals.map(({ namespace, package: name, role, lo, hi, archs, module, cpe }) => [
      namespace,
      name,
      role ?? '',
      Buffer.from(lo).toString('hex'),
      Buffer.from(hi).toString('hex'),
      archs,
      module,
      cpe,
    ]),
  );
}

const SELECT_SCHEMES = `
SELECT namespace.name, namespace.scheme FROM json_each(?) AS wanted CROSS JOIN namespace
WHERE namespace.name = wanted.value`;

/** Selects the packages with a point in one of the intervals (JSON), and the product of the interval. */
const AFFECTED_PACKAGES = `
  SELECT DISTINCT feature.id, affected.cpe
  FROM (
    SELECT
      line.id AS line, unhex(wanted.value ->> 3) AS lo, unhex(wanted.value ->> 4) AS hi,
      wanted.value ->> 5 AS archs, wanted.value ->> 6 AS module, wanted.value ->> 7 AS cpe
    FROM json_each(?) AS wanted
      CROSS JOIN namespace
      CROSS JOIN line
    WHERE namespace.name = wanted.value ->> 0
      AND line.namespace = namespace.id
      AND line.name = wanted.value ->> 1
      AND line.role = wanted.value ->> 2
  ) AS affected
    CROSS JOIN feature_point
    CROSS JOIN feature
  WHERE feature_point.line = affected.line
    AND ${ruleSql(['start', 'end'])}
    AND feature.id = feature_point.feature
    AND ${ruleSql(['owner', 'architecture', 'module'])}`;

/**
 * Parameters: the ended releases, the intervals, and the page of {@link introducingLayers}; only the newest engine version of a name is
 * used.
 */
export const SELECT_AFFECTED_LAYERS: string = introducingLayers(AFFECTED_PACKAGES);

/**
 * Parameters: the ended releases, the intervals, and a JSON list of layer ids. Returns the layers that introduce a
 * package of an interval. Looks up each layer, because a package may be in a hundred thousand layers.
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
