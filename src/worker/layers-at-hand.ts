import type { Digest } from '../model/digest.ts';
import type { LayerLayout } from './layer/layer-layout.ts';
import type { LayerSource } from './sources/layer-source.ts';

/** A layer whose bytes are at hand. */
export type ReadableLayer = {
  /** What its contents are kept by. */
  readonly digest: Digest;
  readonly layout: LayerLayout;
  readonly source: LayerSource;
};

/** What can be read again of the chain of a layer. What others hold stays unread, and the stored layer says so. */
export type LayersAtHand = {
  /** The layer itself is the last one. */
  readonly layers: readonly ReadableLayer[];
  /** How many more times the layers may be read for links that were not known before; shared by the layers of an image. */
  readonly passes: { left: number };
  /** Whether a layer that cannot be had again is left unread instead of being an error. */
  readonly isTried?: boolean;
};
