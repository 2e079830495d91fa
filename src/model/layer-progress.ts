/** Progress of reading the layers of an image. */
export type LayerProgress = {
  readonly total: number;
  /** The number of layers that are stored now, base first. */
  readonly done: number;
  /** The number of these layers that had been stored before. */
  readonly known: number;
};
