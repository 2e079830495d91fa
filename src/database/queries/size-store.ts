import type { SizeStore, TableSize } from '../contracts/sizes.ts';
import type { Engine } from '../engines/engine.ts';
import { TABLES, type Table } from './tables.ts';
import { setImmediate } from 'node:timers/promises';

/** Measures the database table by table. */
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
