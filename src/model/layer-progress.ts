/** How far the reading of the layers of an image has come. */
export type LayerProgress = {
  readonly total: number;
  /** How many of them are stored, from the base on. */
  readonly done: number;
  /** How many of those were known before. */
  readonly known: number;
};
