import type { ClientBase } from 'pg';
import type { InsertTarget, SqlValue, TransactionQueries } from '../../engine.ts';
import { isBeyondPartitions } from '../errors.ts';
import type { ConnectionPool } from '../pool.ts';

/**
 * The number of layer ids in a partition of `layer_feature`. Partitions are large, because a page of affected layers
 * reads all partitions (docs/explanation/adr/0011-large-partitions-of-differences.md).
 */
export const LAYERS_PER_PARTITION = 4_000_000;

/** The maximum time that a creation ahead of the need waits for locks, in milliseconds; insertions wait behind it. */
const AHEAD_LOCK_TIMEOUT_MS = 1000;

/** After a failed creation ahead of the need, the next attempt follows after this fraction of the layers. */
const RETRY_SHARE = 0.001;

/** Creates the partitions of `layer_feature` for one engine. Other engines can do so at the same time. */
export type LayerPartitions = {
  /** Returns queries that also record the last layer, and create the partition of layers with given ids. */
  readonly queriesWithin: (client: ClientBase, queries: TransactionQueries) => TransactionQueries;
  /**
   * Runs a transaction, and repeats it if a row has no partition. The partition is created between the attempts, because
   * transactions that have inserted layers would wait for each other's locks.
   */
  readonly withPartition: <T>(transaction: () => Promise<T>) => Promise<T>;
  /**
   * Creates the next partition after a commit, if the last partition is almost full. Ignores a failure, because a later
   * call tries again, and {@link LayerPartitions.withPartition} creates the partition at the latest.
   */
  readonly createAhead: () => Promise<void>;
};

/** @param size the number of layers in a partition */
export function createLayerPartitions(
  writers: Pick<ConnectionPool, 'use'>,
  size: number = LAYERS_PER_PARTITION,
): LayerPartitions {
  /** The id of the last inserted layer, and the id from which the next partition may be due. */
  let newest = 0;
  let next = 1;

  function note({ table, columns }: InsertTarget, rows: readonly (readonly SqlValue[])[]): void {
    if (table === 'layer_feature') newest = Math.max(newest, Number(rows.at(-1)?.[columns.indexOf('layer')] ?? 0));
  }

  return {
    queriesWithin: (client, queries) => ({
      ...queries,
      async insertMany(target, rows) {
        await queries.insertMany(target, rows);
        note(target, rows);
      },
      async skipIds(table) {
        await queries.skipIds(table);
        // The copy of a database cannot be repeated, but it is the only transaction that inserts layers.
        if (table === 'layer') await client.query(EXTEND, [size]);
      },
    }),
    async withPartition(transaction) {
      try {
        return await transaction();
      } catch (error) {
        if (!isBeyondPartitions(error)) throw error;
        await writers.use((client) => client.query(EXTEND, [size]));
        return await transaction();
      }
    },
    async createAhead() {
      if (newest < next) return;
      next = newest + Math.ceil(size * RETRY_SHARE);
      try {
        const { rows } = await writers.use((client) =>
          client.query<{ next: number }>(EXTEND_SOON, [size, String(AHEAD_LOCK_TIMEOUT_MS)]),
        );
        next = rows[0]?.next ?? next;
      } catch {
        // The pool has reported the error to its observer.
      }
    },
  };
}

const EXTEND = 'SELECT extend_layer_feature($1) AS next';

const EXTEND_SOON = "SELECT set_config('lock_timeout', $2, true), extend_layer_feature($1) AS next";
