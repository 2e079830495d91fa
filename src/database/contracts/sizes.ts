import type { Space } from '../engines/engine.ts';

export type SizeStore = {
  /** The size of the whole database; cheap to determine. */
  readonly space: () => Promise<Space>;
  /** Returns the sizes of all tables by name; reads the whole database. */
  readonly tables: () => Promise<readonly TableSize[]>;
  /** Returns free space to the disk if the engine supports that operation; writers may have to wait. */
  readonly compact: () => Promise<void>;
};

export type TableSize = {
  readonly table: string;
  readonly rows: number;
  /** The size of the table with its indexes. */
  readonly bytes: number;
  /**
   * The time of the oldest row (and of the newest row in `newest`), in milliseconds since 1970; null if the table has
   * no rows or no time column.
   */
  readonly oldest: number | null;
  readonly newest: number | null;
};
