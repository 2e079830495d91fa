import type { Space } from '../engines/engine.ts';

/** How large the database is. */
export type SizeStore = {
  /** What the database takes, as a whole; costs next to nothing. */
  readonly space: () => Promise<Space>;
  /** What each table holds, in order of the tables' names. Reads all of the database. */
  readonly tables: () => Promise<readonly TableSize[]>;
  /** Gives what is free back to the disk, as far as the engine can; writers may have to wait. */
  readonly compact: () => Promise<void>;
};

export type TableSize = {
  readonly table: string;
  readonly rows: number;
  /** With its indexes. */
  readonly bytes: number;
  /** The oldest and the newest row, in milliseconds since 1970; null where it has no time, or no rows. */
  readonly oldest: number | null;
  readonly newest: number | null;
};
