import { dayOf } from '../../../model/time/day.ts';
import type { Digest } from '../../../model/digest.ts';
import type { Queries } from '../../engines/engine.ts';
import type { ContentsKey, RetentionBounds, RetentionPlan } from '../../contracts/retention.ts';
import { rowPages } from '../row-pages.ts';

/** Returns the images and layers to remove, and the contents that no remaining layer uses. */
export async function expiredLayers(
  queries: Queries,
  bounds: RetentionBounds,
): Promise<Pick<RetentionPlan, 'image' | 'layer' | 'layer_contents'>> {
  const image = await expiredImages(queries, bounds);
  const layers = await unusedLayers(queries, bounds);
  return { image, layer: deepestFirst(layers), layer_contents: await lostContents(queries, layers) };
}

type LayerRow = {
  readonly id: number;
  readonly parent: number | null;
  readonly depth: number;
  readonly digest: Digest;
  readonly engine_version: number;
  readonly created_at: number;
  readonly last_used_on: number;
  readonly in_image: 0 | 1;
};

async function expiredImages(queries: Queries, { images: bound }: RetentionBounds): Promise<number[]> {
  if (bound === undefined) return [];
  const expired: number[] = [];
  const pages = rowPages<{ id: number; scanned_at: number }>((last, limit) =>
    queries.all(SELECT_IMAGES, [last?.id ?? 0, limit]),
  );
  for await (const page of pages) {
    for (const { id, scanned_at: scannedAt } of page) if (scannedAt < bound) expired.push(id);
  }
  return expired;
}

/**
 * Returns the unused layers, newest first, so that children come before their parent. A parent is stored first and has
 * the smaller id.
 */
async function unusedLayers(
  queries: Queries,
  { images, layers: bound }: RetentionBounds,
): Promise<readonly LayerRow[]> {
  if (bound === undefined) return [];
  const firstDay = dayOf(bound);
  const unasked: LayerRow[] = [];
  const needed = new Set<number>();
  const pages = rowPages<LayerRow>((last, limit) =>
    queries.all(SELECT_LAYERS, [images ?? 0, last?.id ?? Number.MAX_SAFE_INTEGER, limit]),
  );
  for await (const page of pages) {
    for (const row of page) {
      const isNeeded = needed.delete(row.id);
      const isOld = row.created_at < bound && row.last_used_on < firstDay;
      if (!isNeeded && row.in_image === 0 && isOld) unasked.push(row);
      else if (row.parent !== null) needed.add(row.parent);
    }
  }
  return unasked;
}

function deepestFirst(layers: readonly LayerRow[]): readonly (readonly number[])[] {
  const byDepth = new Map<number, number[]>();
  for (const { id, depth } of layers) {
    const group = byDepth.get(depth);
    if (group === undefined) byDepth.set(depth, [id]);
    else group.push(id);
  }
  return [...byDepth].toSorted(([a], [b]) => b - a).map(([, ids]) => ids);
}

/**
 * Returns contents without layers, which remain when clients delete layers, and contents whose layers will all be
 * removed.
 */
async function lostContents(queries: Queries, layers: readonly LayerRow[]): Promise<ContentsKey[]> {
  const going = new Map<string, number>();
  for (const { digest, engine_version: version } of layers) {
    const key = `${digest} ${version}`;
    going.set(key, (going.get(key) ?? 0) + 1);
  }
  const lost: ContentsKey[] = [];
  const pages = rowPages<{ digest: Digest; engine_version: number; used: 0 | 1 }>((last, limit) =>
    queries.all(SELECT_CONTENTS_IN_USE, [last?.digest ?? '', last?.engine_version ?? 0, limit]),
  );
  for await (const page of pages) {
    for (const { digest, engine_version: version, used } of page) {
      const lostLayers = going.get(`${digest} ${version}`) ?? 0;
      const isLost = lostLayers === 0 ? used === 0 : (await countLayers(queries, digest, version, lostLayers)) === 0;
      if (isLost) lost.push([digest, version]);
    }
  }
  return lost;
}

/** Returns 1 if more layers have these contents than the `going` layers that will be removed; otherwise 0. */
async function countLayers(queries: Queries, digest: Digest, version: number, going: number): Promise<number> {
  const row = await queries.get<{ count: number }>(COUNT_LAYERS, [digest, version, going + 1]);
  return (row?.count ?? 0) - going;
}

export const SELECT_IMAGES = 'SELECT id, scanned_at FROM image WHERE id > ? ORDER BY id LIMIT ?';

/**
 * Parameters: the earliest scan time of images that keep their layers, the id to start below, and the limit. With
 * EXISTS, PostgreSQL would read the whole other table for each page.
 */
export const SELECT_LAYERS = `
SELECT id, parent, depth, digest, engine_version, created_at, last_used_on,
  CASE WHEN (SELECT 1 FROM image WHERE image.leaf = layer.id AND image.scanned_at >= ? LIMIT 1) IS NULL THEN 0 ELSE 1 END AS in_image
FROM layer
WHERE id < ?
ORDER BY id DESC
LIMIT ?`;

export const SELECT_CONTENTS_IN_USE = `
SELECT digest, engine_version,
  CASE WHEN (
    SELECT 1 FROM layer
    WHERE layer.digest = layer_contents.digest AND layer.engine_version = layer_contents.engine_version
    LIMIT 1
  ) IS NULL THEN 0 ELSE 1 END AS used
FROM layer_contents
WHERE (digest, engine_version) > (?, ?)
ORDER BY digest, engine_version
LIMIT ?`;

export const COUNT_LAYERS = `
SELECT COUNT(*) AS count FROM (SELECT 1 FROM layer WHERE digest = ? AND engine_version = ? LIMIT ?) AS found`;
