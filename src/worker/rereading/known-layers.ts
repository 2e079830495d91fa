import { type FileStamp, isTelling } from '../../bytes/file-stamp.ts';
import type { Digest } from '../../model/digest.ts';
import type { LayerSource } from '../sources/layer-source.ts';

/** An uncompressed layer in a file that was read from its first to its last byte. */
export type KnownLayer = {
  /** The digest of its bytes, which is also that of its tar. */
  readonly digest: Digest;
  /** Of the whole file, before and after it was read. */
  readonly stamp: FileStamp;
  /** When that was over, in milliseconds since 1970. */
  readonly readAt: number;
};

/** The layers that a reader has read, while somebody holds their sources. */
export type KnownLayers = {
  /** Undefined for a layer that was not read, and where the source promises another digest than was read. */
  readonly find: (source: LayerSource) => KnownLayer | undefined;
  /** Remembers a layer, if its file cannot change without a trace. */
  readonly add: (source: LayerSource, layer: KnownLayer) => void;
};

export type KnownLayersOptions = {
  /** How long a file must have been as it is when it was read; that of {@link isTelling} when absent. */
  readonly settledMilliseconds?: number;
};

/** Creates an empty list. A source is told by its function `file`, which copies of the source share. */
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
