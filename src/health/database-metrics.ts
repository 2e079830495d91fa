import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { DatabaseObserver, ObservedPool } from '../database/engines/database-observer.ts';
import { replicaMetrics } from './replica-metrics.ts';

/** The size of the database in bytes, and the most recently measured sizes of its tables. */
export type DatabaseSizes = {
  readonly space: { readonly total: number; readonly free?: number };
  readonly measured?: {
    /** The time of the measurement in milliseconds since 1970. */
    readonly at: number;
    readonly tables: readonly { readonly table: string; readonly rows: number; readonly bytes: number }[];
  };
};

/** Registers the metrics for the size of the database, and returns a function that sets the metrics. */
export function databaseMetrics(registry: Registry, now: () => number): (sizes: DatabaseSizes) => void {
  const registers = [registry];
  const bytes = new Gauge({ name: 'clair_database_bytes', help: 'Size of the database in bytes.', registers });
  const free = new Gauge({
    name: 'clair_database_free_bytes',
    help: 'Space inside the database that new rows can reuse, in bytes; 0 if unknown.',
    registers,
  });
  const age = new Gauge({
    name: 'clair_housekeeping_age_seconds',
    help: 'Seconds since housekeeping last deleted expired data and measured the tables.',
    registers,
  });
  const labelNames = ['table'];
  const tableBytes = new Gauge({
    name: 'clair_database_table_bytes',
    help: 'Size of a table with its indexes at the last housekeeping, in bytes.',
    labelNames,
    registers,
  });
  const tableRows = new Gauge({
    name: 'clair_database_table_rows',
    help: 'Number of rows in a table at the last housekeeping.',
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

/**
 * The bounds of the buckets. Each bound is twice the previous bound, from 1 ms (an index lookup) to 65 s (a feed update
 * in a single transaction).
 */
const QUERY_BUCKETS_MS: readonly number[] = Array.from({ length: 17 }, (_, step) => 2 ** step);

/**
 * Registers the PostgreSQL metrics and returns the observer that updates them. Clair v2 has further `clair_pgsql_*`
 * metrics, about a name cache and a table lock that this program does not have.
 */
export function postgresMetrics(registry: Registry): DatabaseObserver {
  const registers = [registry];
  const durations = new Histogram({
    name: 'clair_pgsql_query_duration_milliseconds',
    help: 'Duration of a PostgreSQL query or transaction, including waits for a connection and for locks.',
    labelNames: ['query'],
    buckets: [...QUERY_BUCKETS_MS],
    registers,
  });
  const errors = new Counter({
    name: 'clair_pgsql_error_total',
    help: 'PostgreSQL errors by kind (connection, conflict, timeout, refused, limit or other), including errors that a retry resolved.',
    labelNames: ['kind'],
    registers,
  });
  const pools: ObservedPool[] = [];
  const connections = new Gauge({
    name: 'clair_pgsql_connections',
    help: 'PostgreSQL connections by pool (readers, writers, editors, namers, snapshots, replica readers or replica snapshots) and state: busy, idle, or waiting (work that waits for a connection).',
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
    replicaOpened: replicaMetrics(registry),
  };
}
