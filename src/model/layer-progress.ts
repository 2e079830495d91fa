/** Progress of reading the layers of an image. */
export type LayerProgress = {
  readonly total: number;
  /** The number of stored layers, from the base on. */
  readonly done: number;
  /** The number of stored layers that were stored before. */
  readonly known: number;
};
