import type { Digest } from '../model/digest.ts';
import type { LayerLayout } from './layer/layer-layout.ts';
import type { LayerSource } from './sources/layer-source.ts';

export type ReadableLayer = {
  readonly digest: Digest;
  readonly layout: LayerLayout;
  readonly source: LayerSource;
};

/**
 * The layers of a chain that can be read again. The other layers stay unread; the stored layer has a diagnostic about
 * them.
 */
export type LayersAtHand = {
  /** The layers, from the base; the topmost layer is the recorded layer itself. */
  readonly layers: readonly ReadableLayer[];
  /**
   * The number of times that layers may still be read again for new link targets, in total for the layers of an image.
   */
  readonly passes: { left: number };
  /** Whether an unreadable layer is left unread instead of causing an error. */
  readonly isTried?: boolean;
};
