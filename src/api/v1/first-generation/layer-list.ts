import { Type } from 'typebox';
import { LAYER_NAME } from '../shapes.ts';

/** How many layers one call may ask for: each is a report of its own. */
const MAX_LAYERS = 256;

export type LayerList = { readonly LayersIDs: readonly string[] };

export const LAYER_LIST: Type.TSchema = Type.Object(
  { LayersIDs: Type.Array(LAYER_NAME, { minItems: 1, maxItems: MAX_LAYERS }) },
  { title: 'LayerList' },
);
