import type { InsertTarget, SqlValue } from '../../engine.ts';
import type { Catalog } from '../catalog.ts';
import { copyRows } from '../copy.ts';
import { lockSql } from './locks.ts';
import type { TransactionSession } from './session.ts';
import { columnsOf, listOf, type Rows } from '../row-lists.ts';

/** The maximum number of rows of a table that are in memory until the commit. More rows go to a temporary table. */
const MAX_ROWS_IN_MEMORY = 100;

/** The rows of a transaction that are numbered in commit order (`InsertTarget.inOrderOfCommit`). */
export type PendingRows = {
  readonly add: (target: InsertTarget, rows: Rows) => Promise<void>;
  /** Returns the temporary table to which more rows can be added, and adds all rows of the target so far. */
  readonly tableOf: (target: InsertTarget) => Promise<string>;
  /**
   * Inserts the rows. Must be called directly before the commit, because no other transaction can number rows of these
   * tables between this call and the commit. A sequence alone does not follow the commit order.
   */
  readonly write: () => Promise<void>;
};

/**
 * Creates the pending rows of one transaction. Avoids a temporary table for a few rows, because creating the table
 * costs more than all other statements of a small transaction.
 */
export function createPendingRows(session: TransactionSession, catalog: Catalog): PendingRows {
  // A pipelined connection cannot use COPY, and its transactions have few rows.
  const maxRows = session.isPipelined ? Number.POSITIVE_INFINITY : MAX_ROWS_IN_MEMORY;
  const inMemory = new Map<InsertTarget, (readonly SqlValue[])[]>();
  const inTables = new Map<string, Set<string>>();

  async function moveToTable({ table, columns }: InsertTarget, rows: Rows): Promise<string> {
    if (session.isPipelined) throw new Error('a pipelined connection cannot use COPY');
    const temporary = `pending_${table}`;
    if (!inTables.has(table)) await session.ask((client) => client.query(createPending(table)));
    inTables.set(table, new Set([...(inTables.get(table) ?? []), ...columns]));
    if (rows.length > 0) await session.ask((client) => copyRows(client, { table: temporary, columns }, rows));
    return temporary;
  }

  return {
    async add(target, rows) {
      if (rows.length === 0) return;
      const all = [...(inMemory.get(target) ?? []), ...rows];
      if (!inTables.has(target.table) && all.length <= maxRows) {
        inMemory.set(target, all);
        return;
      }
      inMemory.delete(target);
      await moveToTable(target, all);
    },
    async tableOf(target) {
      const rows = inMemory.get(target) ?? [];
      inMemory.delete(target);
      return await moveToTable(target, rows);
    },
    async write() {
      for (const [{ table, columns }, rows] of inMemory) {
        const list = columns.join(', ');
        // The sort depends on the row of `held`, so the rows are numbered only after the lock is taken.
        const statement = `WITH held AS MATERIALIZED (SELECT ${lockSql('?')})
INSERT INTO ${table} (${list}) SELECT ${list} FROM held CROSS JOIN ${listOf(catalog, table, columns)} ORDER BY place`;
        const values = [nameOf(table), ...columnsOf(rows, columns.length)];
        await session.write((client) => client.query({ ...catalog.prepared(statement), values }));
      }
      for (const [table, columns] of inTables) {
        const list = [...columns].join(', ');
        const lock = { ...catalog.prepared(`SELECT ${lockSql('?')}`), values: [nameOf(table)] };
        await session.write((client) => client.query(lock));
        const insert = `INSERT INTO ${table} (${list}) SELECT ${list} FROM pending_${table} ORDER BY id`;
        await session.write((client) => client.query(insert));
      }
    },
  };
}

function nameOf(table: string): string {
  return `rows of ${table}`;
}

function createPending(table: string): string {
  return `CREATE TEMPORARY TABLE pending_${table} (LIKE ${table} INCLUDING IDENTITY INCLUDING DEFAULTS) ON COMMIT DROP`;
}
