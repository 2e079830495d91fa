import { Gauge, type Registry } from 'prom-client';

/** How large the database is, in bytes, and what its tables held when that was last measured. */
export type DatabaseSizes = {
  readonly space: { readonly total: number; readonly free?: number };
  readonly measured?: {
    /** Milliseconds since 1970. */
    readonly at: number;
    readonly tables: readonly { readonly table: string; readonly rows: number; readonly bytes: number }[];
  };
};

/** Makes the metrics of the database, and gives how they are set. */
export function databaseMetrics(registry: Registry, now: () => number): (sizes: DatabaseSizes) => void {
  const registers = [registry];
  const bytes = new Gauge({ name: 'clair_database_bytes', help: 'What the database takes.', registers });
  const free = new Gauge({
    name: 'clair_database_free_bytes',
    help: 'What of that waits for new rows; 0 where it is not known.',
    registers,
  });
  const age = new Gauge({
    name: 'clair_housekeeping_age_seconds',
    help: 'Time since what is no longer kept was removed, and the tables measured.',
    registers,
  });
  const labelNames = ['table'];
  const tableBytes = new Gauge({
    name: 'clair_database_table_bytes',
    help: 'What a table took with its indexes, at the last housekeeping.',
    labelNames,
    registers,
  });
  const tableRows = new Gauge({
    name: 'clair_database_table_rows',
    help: 'The rows of a table, at the last housekeeping.',
    labelNames,
    registers,
  });
  return ({ space, measured }) => {
    bytes.set(space.total);
    if (space.free !== undefined) free.set(space.free);
    if (measured === undefined) return;
    age.set((now() - measured.at) / 1000);
    for (const each of measured.tables) {
      tableBytes.set({ table: each.table }, each.bytes);
      tableRows.set({ table: each.table }, each.rows);
    }
  };
}
