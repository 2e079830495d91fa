import type { LayerStore } from './contracts/layers.ts';
import type { ImageStore } from './contracts/images.ts';
import type { Store } from './contracts/store.ts';
import type { Engine } from './engines/engine.ts';
import { FIRST_OVERLAY_LAYER, openSqliteOverlay } from './engines/sqlite/overlay.ts';
import { storeOn } from './open-store.ts';

export type OverlayOptions = {
  /** The file of the database. */
  readonly path: string;
  readonly stored: Store;
  readonly staleAfter?: number | undefined;
  /**
   * The images of all overlays of this process, which may be base images of later images. The store adds each image
   * that it records.
   */
  readonly recorded: RecordedImage[];
};

/** The reference of an image, and the name of its topmost layer. */
export type RecordedImage = { readonly layer: string; readonly reference: string };

/**
 * Opens a store for layers that must not be written to the database, such as layers whose digests are not verified. The
 * layers are in memory until the store is closed, and are matched against the advisories of an SQLite file. The store
 * also returns the images of the database, so that base images are recognised.
 *
 * @throws ClairError `database/unavailable` when the file cannot be opened
 */
export async function openOverlayStore({ path, stored, staleAfter, recorded }: OverlayOptions): Promise<Store> {
  const engine: Engine = { ...(await openSqliteOverlay(path)), schema: stored.schema };
  // Only a snapshot checks that the overlay matches the database, so no match is kept for later reads.
  const own = storeOn(
    { ...engine, clock: { now: stored.now, ask: async () => stored.now() } },
    { staleAfter, caches: null },
  );
  const images: ImageStore = {
    ...stored.images,
    async record({ leaf, reference }) {
      const layer = leaf === null ? undefined : await own.layers.get(leaf);
      if (layer !== undefined) recorded.push({ layer: layer.name, reference });
    },
    async topmostAmong(names) {
      return [...(await stored.images.topmostAmong(names)), ...recorded.filter(({ layer }) => names.includes(layer))];
    },
  };
  const withStored = (layers: LayerStore): LayerStore => ({
    ...layers,
    get: async (id) => await (id > FIRST_OVERLAY_LAYER ? layers : stored.layers).get(id),
  });
  const overlay: Store = {
    ...own,
    images,
    layers: withStored(own.layers),
    together: (read) => read(overlay),
    snapshot: async (read) =>
      await own.snapshot(async (at) => await read({ ...at, images, layers: withStored(at.layers) })),
  };
  return overlay;
}
