/** One entry of an rpm database, whatever its format: the header of an installed package. */
export type RpmEntry = {
  /** rpm's own number of the entry, from 1. */
  readonly number: number;
  /**
   * Gives the header as rpm stores it.
   *
   * @throws ClairError `bytes/corrupt` when what is stored of this entry alone is damaged.
   */
  readonly header: () => Uint8Array;
};
