import type { AffectedPackage } from '../model/advisory.ts';
import type { SchemeId } from '../versions/scheme.ts';
import { type AffectedInterval, affectedIntervals, withoutIntervals } from './affected-intervals.ts';
import type { Queries } from './engine.ts';
import { BUILT_FROM_PRODUCT, MEANT_FOR_PACKAGE } from './meant-packages.ts';
import type { AffectedLayersQuery, LayerPage, LayerReference } from './store.ts';

/**
 * The layers that bring in a package of `affected`, and none of `except`, in order of their id. What both say is taken
 * away before layers are looked for, since most changes of an advisory leave most of it as it was.
 */
export async function readAffectedLayers(
  read: Queries,
  { affected, except = [] }: AffectedLayersQuery,
  { after, limit }: LayerPage,
): Promise<readonly LayerReference[]> {
  const schemes = await schemesOf(read, [...affected, ...except]);
  const excluded = affectedIntervals(except, schemes);
  const wanted = withoutIntervals(affectedIntervals(affected, schemes), excluded);
  if (wanted.length === 0) return [];
  const [wantedText, excludedText] = [intervalsText(wanted), intervalsText(excluded)];
  const found: LayerReference[] = [];
  for (let last = after; ; ) {
    const page = await read.all<LayerReference>(SELECT_AFFECTED_LAYERS, [wantedText, last, limit]);
    found.push(...(excluded.length === 0 ? page : await layersWithout(read, excludedText, page)));
    const end = page.at(-1);
    if (end === undefined || page.length < limit || found.length >= limit) return found.slice(0, limit);
    last = end.id;
  }
}

async function schemesOf(read: Queries, affected: readonly AffectedPackage[]): Promise<ReadonlyMap<string, SchemeId>> {
  const names = new Set(affected.map(({ namespace }) => namespace));
  const rows = await read.all<{ name: string; scheme: SchemeId }>(SELECT_SCHEMES, [JSON.stringify([...names])]);
  return new Map(rows.map(({ name, scheme }) => [name, scheme]));
}

async function layersWithout(
  read: Queries,
  excludedText: string,
  layers: readonly LayerReference[],
): Promise<readonly LayerReference[]> {
  const candidates = JSON.stringify(layers.map(({ id }) => id));
  const rows = await read.all<{ id: number }>(SELECT_AFFECTED_OF_LAYERS, [excludedText, candidates]);
  const excluded = new Set(rows.map(({ id }) => id));
  return layers.filter(({ id }) => !excluded.has(id));
}

/** As rows of the columns that {@link WANTED} reads; keys in hexadecimal, since JSON has no bytes. */
function intervalsText(intervals: readonly AffectedInterval[]): string {
  return JSON.stringify(
    intervals.map(({ namespace, package: name, by, lo, hi, archs, module, cpe }) => [
      namespace,
      name,
      by === 'source' ? 1 : 0,
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

/** The packages with a point in one of the intervals, which come as JSON. */
const WANTED = `
WITH affected AS (
  SELECT
    stream.id AS stream, unhex(wanted.value ->> 3) AS lo, unhex(wanted.value ->> 4) AS hi,
    wanted.value ->> 5 AS archs, wanted.value ->> 6 AS module, wanted.value ->> 7 AS cpe
  FROM json_each(?) AS wanted
    CROSS JOIN namespace
    CROSS JOIN stream
  WHERE namespace.name = wanted.value ->> 0
    AND stream.namespace = namespace.id
    AND stream.name = wanted.value ->> 1
    AND stream.of_source = CAST(wanted.value ->> 2 AS INTEGER)
)`;

const POINT_IN_INTERVAL = `
  package_point.stream = affected.stream
  AND package_point.version_key >= affected.lo
  AND package_point.version_key < affected.hi
  AND package.id = package_point.package
  AND ${MEANT_FOR_PACKAGE}
  AND layer_package.package = package.id
  AND layer_package.change = 1
  AND layer.id = layer_package.layer
  AND ${BUILT_FROM_PRODUCT}`;

/** Takes the intervals, the id to start after, and the number of layers; of a name, what the newest engine found. */
export const SELECT_AFFECTED_LAYERS: string = `${WANTED}
SELECT DISTINCT layer.id, layer.name
FROM affected
  CROSS JOIN package_point
  CROSS JOIN package
  CROSS JOIN layer_package
  CROSS JOIN layer
WHERE ${POINT_IN_INTERVAL}
  AND layer_package.layer > ?
  AND NOT EXISTS (
    SELECT 1 FROM layer AS newer WHERE newer.name = layer.name AND newer.engine_version > layer.engine_version
  )
ORDER BY layer.id
LIMIT ?`;

/** Takes the intervals, and the ids of layers as a JSON list; gives those that bring in a package of an interval. */
export const SELECT_AFFECTED_OF_LAYERS: string = `${WANTED}
SELECT DISTINCT layer_package.layer AS id
FROM affected
  CROSS JOIN package_point
  CROSS JOIN package
  CROSS JOIN json_each(?) AS candidate
  CROSS JOIN layer_package
  CROSS JOIN layer
WHERE ${POINT_IN_INTERVAL}
  AND layer_package.layer = CAST(candidate.value AS BIGINT)`;
