/** The progress of the analysis of an image's layers. */
export type LayerProgress = {
  readonly total: number;
  /** The number of layers stored so far. */
  readonly done: number;
  /** The number of these layers that were already stored. */
  readonly known: number;
};
