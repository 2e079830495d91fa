/** The limits for the loss of entries in an update of a feed. An update that exceeds both limits is refused. */
export type ShrinkBound = {
  /** The limit as a percentage of the stored entries, from 0 to 100. */
  readonly percent: number;
  /** The limit as an absolute number of entries, so that small feeds can change freely. */
  readonly records: number;
};

export const DEFAULT_SHRINK_BOUND: ShrinkBound = { percent: 20, records: 100 };

/** Returns whether a decrease from `before` to `after` entries exceeds both limits. */
export function exceedsBound(before: number, after: number, { percent, records }: ShrinkBound): boolean {
  const lost = before - after;
  return lost > records && lost * 100 > before * percent;
}
