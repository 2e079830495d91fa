/** The maximum loss of a feed in one update. An update that exceeds both bounds is refused. */
export type ShrinkBound = {
  /** Percentage of the stored entries, from 0 to 100. */
  readonly percent: number;
  /** An absolute number of entries, so that small feeds can change freely. */
  readonly records: number;
};

export const DEFAULT_SHRINK_BOUND: ShrinkBound = { percent: 20, records: 100 };

/** Reports whether a decrease from `before` to `after` entries exceeds the bound. */
export function exceedsBound(before: number, after: number, { percent, records }: ShrinkBound): boolean {
  const lost = before - after;
  return lost > records && lost * 100 > before * percent;
}
