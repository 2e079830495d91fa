import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { DatabaseObserver, ObservedPool } from '../database/engines/database-observer.ts';

/** How large the database is, in bytes, and what its tables held when that was last measured. */
export type DatabaseSizes = {
  readonly space: { readonly total: number; readonly free?: number };
  readonly measured?: {
    /** Milliseconds since 1970. */
    readonly at: number;
    readonly tables: readonly { readonly table: string; readonly rows: number; readonly bytes: number }[];
  };
};

/** Makes the metrics of what the database holds, and gives how they are set. */
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

/** Twice as long each, from 1 ms to 65 s: an update of a feed is one change, a look by index the other end. */
const QUERY_BUCKETS_MS: readonly number[] = Array.from({ length: 17 }, (_, step) => 2 ** step);

/**
 * Makes the metrics of how PostgreSQL answers, for whoever observes it. Of the original's `clair_pgsql_*` there are those
 * that mean something here: it has no cache of names, nor a lock of one table that all have to wait for.
 */
export function postgresMetrics(registry: Registry): DatabaseObserver {
  const registers = [registry];
  const durations = new Histogram({
    name: 'clair_pgsql_query_duration_milliseconds',
    help: 'Time that a question to PostgreSQL or a change took, with waiting for a connection and for others.',
    labelNames: ['query'],
    buckets: [...QUERY_BUCKETS_MS],
    registers,
  });
  const errors = new Counter({
    name: 'clair_pgsql_error_total',
    help: 'What failed at PostgreSQL, also where it was tried again.',
    labelNames: ['kind'],
    registers,
  });
  const pools: ObservedPool[] = [];
  const connections = new Gauge({
    name: 'clair_pgsql_connections',
    help: 'Connections to PostgreSQL that are busy or idle, and how much work waits for one.',
    labelNames: ['pool', 'state'],
    registers,
    collect() {
      for (const { name, connections: now } of pools) {
        for (const [state, count] of Object.entries(now())) connections.set({ pool: name, state }, count);
      }
    },
  });
  return {
    asked: ({ query, milliseconds }) => durations.observe({ query }, milliseconds),
    failed: ({ kind }) => errors.inc({ kind }),
    poolOpened: (pool) => void pools.push(pool),
  };
}
