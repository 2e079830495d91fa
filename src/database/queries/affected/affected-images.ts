import { affectedPackages } from './affected-packages.ts';
import type { Queries } from '../../engines/engine.ts';
import type { AffectedPackage } from '../../../model/advisories/advisory.ts';
import { ENDED } from '../matches/ended-releases.ts';
import { affectedIntervals } from '../vulnerabilities/affected-intervals.ts';
import { featuresInIntervals, intervalsText, schemesOf } from './feature-intervals.ts';
import { IMAGE_COLUMNS, imageOfRow, type ImageRow } from '../images/image-store.ts';
import { GROWTH, isThere, MAX_GROWN_LIMIT, pageOfLayers } from './introducing-layers.ts';
import type { IndexedImage } from '../../contracts/images.ts';
import { isAmong } from '../membership.ts';
import type { AffectedImagePage, AffectedImages, ImagePosition } from '../../contracts/matches.ts';

/** The maximum number of introducing layers that a call examines. */
const MAX_LAYERS = 50_000;

/** The maximum number of candidate images that a call examines. */
const MAX_CANDIDATES = 1000;

/**
 * The number of layers whose images the first query reads together, and the maximum numbers of layers and images for
 * later queries.
 */
const FIRST_LAYERS_AT_ONCE = 10;
const MAX_LAYERS_AT_ONCE = 100;

const MAX_IMAGES_AT_ONCE = 250;

/** Sorts after all images of a layer. */
const LAST_IMAGE = Number.MAX_SAFE_INTEGER;

/**
 * Returns the images with a package that one of these vulnerabilities affects. Walks the introducing layers by id, and
 * the images of each layer by id. A page therefore takes the same time even if a base layer has a hundred thousand
 * images. A higher layer may remove or upgrade the package, and another layer may introduce the package again. The
 * result therefore depends on the packages at the topmost layer of each image. An image is returned at its introducing
 * layer with the lowest id, which the walk reaches once.
 */
export async function readAffectedImages(
  { read, ended }: { readonly read: Queries; readonly ended: string },
  vulnerabilities: readonly string[],
  page: AffectedImagePage,
): Promise<AffectedImages> {
  const statements = { layers: SELECT_LAYERS_WITH_IMAGES, among: SELECT_AFFECTED_AMONG };
  return await readPage(read, { ...statements, which: [ended, JSON.stringify(vulnerabilities)] }, page);
}

/**
 * Returns the images with a package that `affected` matches, in the order and with the limits of {@link
 * readAffectedImages}. The affected packages need not be stored.
 */
export async function readImagesAffectedBy(
  { read, ended }: { readonly read: Queries; readonly ended: string },
  affected: readonly AffectedPackage[],
  page: AffectedImagePage,
): Promise<AffectedImages> {
  const intervals = affectedIntervals(affected, await schemesOf(read, affected));
  if (intervals.length === 0) return { images: [], next: undefined };
  const statements = { layers: SELECT_LAYERS_IN_INTERVALS, among: SELECT_AMONG_IN_INTERVALS };
  return await readPage(read, { ...statements, which: [ended, intervalsText(intervals)] }, page);
}

/** The statements of a search for images. `which` contains the first parameters of both statements. */
type Search = {
  readonly layers: string;
  readonly among: string;
  readonly which: readonly [ended: string, candidates: string];
};

async function readPage(
  read: Queries,
  { layers, among, which }: Search,
  { after = { layer: 0, image: 0 }, limit }: AffectedImagePage,
): Promise<AffectedImages> {
  const search: ImageSearch<AffectedImage> = {
    layersAbove: (above, size) => read.all<LayerRow>(layers, [...which, above, size - 1, above, size]),
    among: (images) => affectedAmong(read, among, [...which, JSON.stringify(images)]),
  };
  const images: IndexedImage[] = [];
  let next = after;
  for await (const { found, reached, isLast } of walkImages(read, search, after, limit + 1)) {
    for (const { at, image } of found) {
      if (images.length === limit) return { images, next };
      images.push(image.image);
      next = at;
    }
    next = reached;
    if (isLast) return { images, next };
  }
  return { images, next: undefined };
}

/** The queries that find the images with certain features. */
export type ImageSearch<Found> = {
  /** Returns the `size` layers with the lowest ids above an id that introduce one of the features, by id. */
  readonly layersAbove: (above: number, size: number) => Promise<readonly LayerRow[]>;
  /** Returns the given images that have one of the features, by image id. */
  readonly among: (images: readonly number[]) => Promise<ReadonlyMap<number, Found>>;
};

export type LayerRow = { readonly id: number; readonly has_images: 0 | 1 };

/** A step of a walk: the images found, in order, each with its position. */
export type WalkStep<Found> = {
  readonly found: readonly { readonly at: ImagePosition; readonly image: Found }[];
  readonly reached: ImagePosition;
  /** Whether the walk ends here because it reached the maximum number of layers or images of a call. */
  readonly isLast: boolean;
};

/**
 * Walks the images with certain features as {@link readAffectedImages} describes. `first` is the lowest id of the
 * image's layers that introduce one of the features.
 *
 * @param wanted the number of images to examine first
 */
export async function* walkImages<Found extends { readonly first: number }>(
  read: Queries,
  { layersAbove, among }: ImageSearch<Found>,
  after: ImagePosition,
  wanted: number,
): AsyncGenerator<WalkStep<Found>, void> {
  let layers = 0;
  let candidates = 0;
  for await (const step of stepsFrom(read, layersAbove, after, wanted)) {
    const images = [...new Set(step.pairs.map(({ image }) => image))];
    const known = images.length === 0 ? new Map<number, Found>() : await among(images);
    const found = step.pairs.flatMap((at) => {
      const image = known.get(at.image);
      return image?.first === at.layer ? [{ at, image }] : [];
    });
    layers += step.layers;
    candidates += step.pairs.length;
    const isLast = layers >= MAX_LAYERS || candidates >= MAX_CANDIDATES;
    yield { found, reached: step.reached, isLast };
    if (isLast) return;
  }
}

/** Pairs of layer and image in the order of the walk, and the position that the walk reached. */
type Step = {
  readonly pairs: readonly ImagePosition[];
  readonly layers: number;
  readonly reached: ImagePosition;
};

/** Reads more layers with each step, because most layers may be in no image. */
async function* stepsFrom(
  read: Queries,
  layersAbove: ImageSearch<unknown>['layersAbove'],
  after: ImagePosition,
  wanted: number,
): AsyncGenerator<Step, void> {
  let last = after;
  let atOnce = wanted;
  let layersAtOnce = FIRST_LAYERS_AT_ONCE;
  for (let size = wanted; ; size = Math.max(size, Math.min(size * GROWTH, MAX_GROWN_LIMIT))) {
    const above = last.image === LAST_IMAGE ? last.layer : last.layer - 1;
    const rows = await layersAbove(above, size);
    const layers = rows.filter(({ has_images: hasImages }) => hasImages === 1).map(({ id }) => id);
    while (layers.length > 0) {
      const part = layers.splice(0, layersAtOnce);
      layersAtOnce = MAX_LAYERS_AT_ONCE;
      for (let isWhole = false; !isWhole; ) {
        atOnce = Math.min(atOnce, MAX_IMAGES_AT_ONCE);
        const pairs = await pairsOf(read, part, { after: last, limit: atOnce });
        isWhole = pairs.length < atOnce;
        last = (isWhole ? undefined : pairs.at(-1)) ?? { layer: part.at(-1) ?? last.layer, image: LAST_IMAGE };
        yield { pairs, layers: 0, reached: last };
        atOnce *= GROWTH;
      }
    }
    const end = rows.at(-1);
    if (end === undefined || rows.length < size) return;
    last = { layer: end.id, image: LAST_IMAGE };
    yield { pairs: [], layers: rows.length, reached: last };
  }
}

async function pairsOf(
  read: Queries,
  layers: readonly number[],
  { after, limit }: { readonly after: ImagePosition; readonly limit: number },
): Promise<readonly ImagePosition[]> {
  const wanted = layers
    .filter((layer) => layer >= after.layer)
    .map((layer) => [layer, layer === after.layer ? after.image : 0]);
  return await read.all<ImagePosition>(SELECT_IMAGES_OF_LAYERS, [limit - 1, JSON.stringify(wanted), limit]);
}

type AffectedImage = {
  readonly image: IndexedImage;
  /** The lowest id of the image's introducing layers. */
  readonly first: number;
};

async function affectedAmong(
  read: Queries,
  statement: string,
  values: readonly [ended: string, candidates: string, images: string],
): Promise<ReadonlyMap<number, AffectedImage>> {
  const rows = await read.all<AffectedRow>(statement, values);
  return new Map(rows.map(({ id, first, ...row }) => [id, { image: imageOfRow(row), first }]));
}

type AffectedRow = ImageRow & { readonly id: number; readonly first: number };

const CANDIDATES = affectedPackages('vulnerability.name = named.value', 'json_each(?) AS named CROSS JOIN');

const CANDIDATES_IN_INTERVALS = featuresInIntervals('DISTINCT feature.id, affected.cpe');

/**
 * Parameters: the releases past their end of life, a JSON array of vulnerability names, and the page of
 * {@link pageOfLayers}.
 */
export const SELECT_LAYERS_WITH_IMAGES: string = `WITH ${ENDED}, ${layersWithImages(CANDIDATES)}`;

/** Parameters: the releases past their end of life, intervals, and the page of {@link pageOfLayers}. */
export const SELECT_LAYERS_IN_INTERVALS: string = `WITH ${ENDED}, ${layersWithImages(CANDIDATES_IN_INTERVALS)}`;

/**
 * Returns common table expressions and a query for a page of layers, as {@link LayerRow}. Takes the parameters of
 * {@link pageOfLayers}.
 *
 * @param candidates as in {@link pageOfLayers}
 */
export function layersWithImages(candidates: string): string {
  return `${pageOfLayers(candidates)}
SELECT page.id, CASE
  WHEN ${isThere('SELECT 1 FROM image_chain WHERE image_chain.layer = page.id')} THEN 1
  ELSE 0
END AS has_images
FROM page
ORDER BY page.id`;
}

/**
 * Parameters: the number of images to read minus one, a JSON array of layers with the image id to start above, and the
 * number of images to read. The statement reads at most this number of images of each layer.
 */
export const SELECT_IMAGES_OF_LAYERS: string = `
WITH bounded (layer, start, last) AS MATERIALIZED (
  SELECT
    wanted.layer, wanted.start,
    COALESCE((
      SELECT image_chain.image FROM image_chain
      WHERE image_chain.layer = wanted.layer AND image_chain.image > wanted.start
      ORDER BY image_chain.image LIMIT 1 OFFSET ?
    ), 9223372036854775807)
  FROM (
    SELECT CAST(each.value ->> 0 AS BIGINT) AS layer, CAST(each.value ->> 1 AS BIGINT) AS start FROM json_each(?) AS each
  ) AS wanted
)
SELECT image_chain.layer, image_chain.image
FROM bounded CROSS JOIN image_chain
WHERE image_chain.layer = bounded.layer AND image_chain.image > bounded.start AND image_chain.image <= bounded.last
ORDER BY image_chain.layer, image_chain.image
LIMIT ?`;

/**
 * Parameters: the releases past their end of life, a JSON array of vulnerability names, and a JSON array of image ids.
 * Returns the images with an affected package, by the rules of `SELECT_VERDICTS`. Reads all changes of the layers of an
 * image, because a vulnerability may affect thousands of packages, and a lookup of each package in each layer takes
 * longer. Each step starts from the previous result, because PostgreSQL may reverse a join of two tables and read the
 * larger table completely.
 */
export const SELECT_AFFECTED_AMONG: string = selectAmong(CANDIDATES);

/** {@link SELECT_AFFECTED_AMONG} with intervals instead of vulnerability names. */
export const SELECT_AMONG_IN_INTERVALS: string = selectAmong(CANDIDATES_IN_INTERVALS);

function selectAmong(candidates: string): string {
  return `
WITH ${ENDED}, candidate (feature, cpe) AS MATERIALIZED (${candidates}),
${touchedFeatures(isAmong('layer_feature.feature', 'SELECT feature FROM candidate'))},
found (image) AS MATERIALIZED (
  SELECT image FROM touched
  WHERE origin_depth IS NOT NULL AND ${isAmong('feature', "SELECT feature FROM candidate WHERE cpe = ''")}
  UNION
  SELECT limited.image
  FROM (
    SELECT image, feature, origin_depth FROM touched
    WHERE origin_depth IS NOT NULL AND ${isAmong('feature', "SELECT feature FROM candidate WHERE cpe <> ''")}
  ) AS limited
    CROSS JOIN image_chain
    CROSS JOIN layer
    CROSS JOIN json_each(layer.content_sets) AS content_set
    CROSS JOIN repository_cpe
  WHERE image_chain.image = limited.image
    AND layer.id = image_chain.layer
    AND layer.depth = limited.origin_depth
    AND repository_cpe.repository = content_set.value
    AND ${isAmong('(limited.feature, repository_cpe.cpe)', 'SELECT feature, cpe FROM candidate')}
),
placed (image, first) AS MATERIALIZED (SELECT image, MIN(first) FROM touched GROUP BY image)
SELECT image.id, placed.first, ${IMAGE_COLUMNS}
FROM placed CROSS JOIN image
WHERE image.id = placed.image AND ${isAmong('placed.image', 'SELECT image FROM found')}`;
}

/**
 * Returns the common table expression `touched`: the features that layers of some images add or remove. `first` is the
 * lowest id of the layers that add the feature. `origin_depth` is the depth of the layer from which the topmost layer
 * inherits the feature, or NULL if the feature is not installed at the topmost layer. The parameters are the parameters
 * of `which`, a JSON array of image ids, then the parameters of the condition.
 *
 * The aggregates are DISTINCT, so that PostgreSQL sorts the rows: for the groups that it expects with 10,000,000 layers,
 * it would allocate a hash table of many megabytes, for a few rows.
 *
 * @param isWanted an SQL condition on `layer_feature.feature`; if it looks up each feature, it must use `own.which`, or
 * PostgreSQL looks up the features of all layers
 * @param which an SQL expression
 */
export function touchedFeatures(isWanted: string, which = 'NULL'): string {
  return `own (image, layer, which) AS MATERIALIZED (
  SELECT image_chain.image, image_chain.layer, ${which}
  FROM json_each(?) AS wanted CROSS JOIN image_chain
  WHERE image_chain.image = CAST(wanted.value AS BIGINT)
),
touched (image, feature, first, origin_depth) AS MATERIALIZED (
  SELECT image, feature, MIN(DISTINCT first), MIN(origin_depth)
  FROM (
    SELECT
      own.image, layer_feature.feature,
      MIN(DISTINCT CASE layer_feature.change WHEN 1 THEN layer_feature.layer END) AS first,
      CASE WHEN SUM(layer_feature.change) > 0
        THEN MAX(CASE WHEN layer_feature.change = 1 THEN layer_feature.origin_depth END)
      END AS origin_depth
    FROM own CROSS JOIN layer_feature
    WHERE layer_feature.layer = own.layer AND ${isWanted}
    GROUP BY own.image, layer_feature.feature, layer_feature.path
  ) AS located
  GROUP BY image, feature
)`;
}
