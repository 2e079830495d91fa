/** Progress of reading the layers of an image. */
export type LayerProgress = {
  readonly total: number;
  /** The number of layers stored so far. */
  readonly done: number;
  /** How many of these layers were already stored. */
  readonly known: number;
};
