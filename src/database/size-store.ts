import { setImmediate } from 'node:timers/promises';
import type { Engine, Space } from './engine.ts';
import { TABLES, type Table } from './tables.ts';

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

/** Measures the database, a table at a time. */
export function createSizeStore(engine: Engine): SizeStore {
  return {
    space: engine.space,
    async tables() {
      const sizes: TableSize[] = [];
      for (const table of TABLES.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
        sizes.push(await sizeOf(engine, table));
        await setImmediate();
      }
      return sizes;
    },
    compact: engine.compact,
  };
}

type CountRow = { readonly count: number; readonly oldest: number | null; readonly newest: number | null };

async function sizeOf({ read, bytesOf }: Engine, { name, time }: Table): Promise<TableSize> {
  const times =
    time === undefined ? 'NULL AS oldest, NULL AS newest' : `MIN(${time}) AS oldest, MAX(${time}) AS newest`;
  const row = await read.get<CountRow>(`SELECT COUNT(*) AS count, ${times} FROM ${name}`);
  const { count = 0, oldest = null, newest = null } = row ?? {};
  return { table: name, rows: count, bytes: await bytesOf(name), oldest, newest };
}
