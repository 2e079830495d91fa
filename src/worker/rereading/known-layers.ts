import { type FileStamp, isTelling } from '../../bytes/file-stamp.ts';
import type { Digest } from '../../model/digest.ts';
import type { LayerSource } from '../sources/layer-source.ts';

/** An uncompressed layer file that was read as a whole, or whose digest the image states (`claimedLayers()`). */
export type KnownLayer = {
  /** The digest of the layer's bytes and thus of its tar. */
  readonly digest: Digest;
  /** The stamp of the file; if the file was read, equal before and after the reading. */
  readonly stamp: FileStamp;
  /** The time when the reading ended, or the claim was made, in milliseconds since 1970. */
  readonly readAt: number;
};

/** The layers that a reader has read. The garbage collector removes a layer with its `LayerSource`. */
export type KnownLayers = {
  /** Returns a known layer; undefined for an unknown layer, or when `source` expects another digest. */
  readonly find: (source: LayerSource) => KnownLayer | undefined;
  /** Stores a layer if any change of its file would change the stamp. */
  readonly add: (source: LayerSource, layer: KnownLayer) => void;
};

export type KnownLayersOptions = {
  /** The minimum age of the last change of a file when the file is read; defaults to the age in {@link isTelling}. */
  readonly settledMilliseconds?: number;
};

/** Creates an empty list. Identifies a `LayerSource` by its function `file`, which copies of the object share. */
export function createKnownLayers(options: KnownLayersOptions = {}): KnownLayers {
  const layers = new WeakMap<NonNullable<LayerSource['file']>, KnownLayer>();
  return {
    find({ file, digest, diffId }) {
      const layer = file && layers.get(file);
      const promised = [digest, diffId].filter((each) => each !== undefined);
      return promised.every((each) => each === layer?.digest) ? layer : undefined;
    },
    add({ file }, layer) {
      const { stamp, readAt } = layer;
      if (file === undefined || !isTelling(stamp, { ...options, readAt, user: process.getuid?.() })) return;
      layers.set(file, layer);
    },
  };
}
