/** One entry of an rpm database in any format: the header of an installed package. */
export type RpmEntry = {
  /** rpm's number of the entry, from 1. */
  readonly number: number;
  /**
   * Returns the header as stored by rpm.
   *
   * @throws ClairError `bytes/corrupt` when this entry alone is damaged.
   */
  readonly header: () => Uint8Array;
};
