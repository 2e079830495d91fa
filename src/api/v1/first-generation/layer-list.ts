import { Type } from 'typebox';
import { LAYER_NAME } from '../shapes.ts';

/**
 * The maximum number of layers in a request. The limit is needed because the findings of each layer are queried
 * separately.
 */
const MAX_LAYERS = 256;

export type LayerList = { readonly LayersIDs: readonly string[] };

export const LAYER_LIST: Type.TSchema = Type.Object(
  {
    LayersIDs: Type.Array(LAYER_NAME, {
      minItems: 1,
      maxItems: MAX_LAYERS,
      description: `1 to ${MAX_LAYERS} layer names`,
    }),
  },
  { title: 'LayerList' },
);
