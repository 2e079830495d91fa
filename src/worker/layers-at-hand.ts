import type { Digest } from '../model/digest.ts';
import type { LayerLayout } from './layer/layer-layout.ts';
import type { LayerSource } from './sources/layer-source.ts';

export type ReadableLayer = {
  readonly digest: Digest;
  readonly layout: LayerLayout;
  readonly source: LayerSource;
};

/**
 * The layers of a chain that can be read again. The other layers stay unread, and the diagnostics of the stored layer
 * state this.
 */
export type LayersAtHand = {
  /** The last layer is the recorded layer itself. */
  readonly layers: readonly ReadableLayer[];
  /** The number of further readings of the layers for new link targets; shared by the layers of an image. */
  readonly passes: { left: number };
  /** Leaves an unreadable layer unread instead of failing. */
  readonly isTried?: boolean;
};
