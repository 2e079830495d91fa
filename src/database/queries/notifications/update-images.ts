import type { Queries } from '../../engines/engine.ts';
import { type ImageSearch, type LayerRow, layersWithImages, touchedFeatures } from '../affected/affected-images.ts';
import { isThere } from '../affected/introducing-layers.ts';
import { partsOf } from '../row-pages.ts';
import { featurePages } from './update-features.ts';

/** The number of images per statement; a statement takes some milliseconds. */
const IMAGES_PER_STATEMENT = 20;

/** An image with the features of a notification that are installed at its topmost layer. */
export type UpdatedImage = {
  readonly digest: string;
  /** The lowest id of the layers that introduce a feature of the notification. */
  readonly first: number;
  /** The depths of the layers that introduced the features, by feature. */
  readonly features: ReadonlyMap<number, number>;
};

/**
 * Returns the queries that find the images with features of a notification.
 *
 * @param lastImage the highest image id to include
 */
export function imagesOfUpdate(read: Queries, notification: number, lastImage: number): ImageSearch<UpdatedImage> {
  return {
    async layersAbove(above, size) {
      // Query the features page by page and merge the results: each of the first `size` layers overall is among the
      // first `size` layers of a page.
      let first: LayerRow[] = [];
      for await (const features of featurePages(read, notification)) {
        const parameters = [notification, features.first, features.last, above, size - 1, above, size];
        first = firstOf([...first, ...(await read.all<LayerRow>(SELECT_LAYERS, parameters))], size);
      }
      return first;
    },
    async among(images) {
      const found = new Map<number, UpdatedImage>();
      const wanted = images.filter((image) => image <= lastImage);
      for (const part of partsOf(wanted, IMAGES_PER_STATEMENT)) {
        const ids = JSON.stringify(part);
        const rows = await read.all<TouchedRow>(SELECT_TOUCHED, [notification, ids]);
        const digests = await read.all<{ id: number; digest: string }>(SELECT_DIGESTS, [ids]);
        for (const { id, digest } of digests) {
          const own = rows.filter(({ image }) => image === id);
          const first = Math.min(...own.flatMap((row) => row.first ?? []));
          const installed = own.flatMap(({ feature, origin_depth: depth }) =>
            depth === null ? [] : [[feature, depth] as const],
          );
          if (installed.length > 0) found.set(id, { digest, first, features: new Map(installed) });
        }
      }
      return found;
    },
  };
}

type TouchedRow = {
  readonly image: number;
  readonly feature: number;
  readonly first: number | null;
  readonly origin_depth: number | null;
};

function firstOf(rows: readonly LayerRow[], size: number): LayerRow[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  return [...byId.values()].toSorted((one, other) => one.id - other.id).slice(0, size);
}

/** Parameters: the notification, the first and the last feature, and the page of `pageOfLayers`. */
const SELECT_LAYERS = `
WITH ${layersWithImages(`
  SELECT DISTINCT feature, '' FROM update_notification_feature
  WHERE notification = CAST(? AS BIGINT) AND feature BETWEEN CAST(? AS BIGINT) AND CAST(? AS BIGINT)`)}`;

/**
 * Parameters: the notification, and a JSON array of images. Starts from the features of the images, because a
 * notification may have more features than some images.
 */
const SELECT_TOUCHED = `
WITH ${touchedFeatures(
  isThere(`
    SELECT 1 FROM update_notification_feature
    WHERE update_notification_feature.notification = own.which
      AND update_notification_feature.feature = layer_feature.feature`),
  'CAST(? AS BIGINT)',
)}
SELECT image, feature, first, origin_depth FROM touched`;

const SELECT_DIGESTS = `
SELECT image.id, image.digest FROM json_each(?) AS wanted CROSS JOIN image
WHERE image.id = CAST(wanted.value AS BIGINT)`;
