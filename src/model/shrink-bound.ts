/** How much smaller than its stored data a feed may become before an update is refused. Both bounds must be exceeded. */
export type ShrinkBound = {
  /** Percent of the stored records, from 0 to 100. */
  readonly percent: number;
  /** A number of records, so that small feeds may change freely. */
  readonly records: number;
};

/** The bound that applies unless the operator configures another one. */
export const DEFAULT_SHRINK_BOUND: ShrinkBound = { percent: 20, records: 100 };

/** Tells whether a fall from `before` to `after` records exceeds the bound. */
export function exceedsBound(before: number, after: number, { percent, records }: ShrinkBound): boolean {
  const lost = before - after;
  return lost > records && lost * 100 > before * percent;
}
