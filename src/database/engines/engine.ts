import type { SchemaChange } from '../migrations.ts';
import type { ReplicaStatus } from './replica-status.ts';

export type SqlValue = string | number | Uint8Array | null;

/**
 * Runs statements with `?` placeholders, in the SQL that all engines accept. In a transaction, `all`, `get`, `run` and
 * `write` run in the order of the calls, so that a caller need not wait for the previous statement.
 */
export type Queries = {
  readonly all: <Row>(statement: string, values?: readonly SqlValue[]) => Promise<Row[]>;
  readonly get: <Row>(statement: string, values?: readonly SqlValue[]) => Promise<Row | undefined>;
  /** Returns the number of changed rows. */
  readonly run: (statement: string, values?: readonly SqlValue[]) => Promise<number>;
  /** Runs a statement whose result is not used; see `TransactionOptions.pipelined`. */
  readonly write: (statement: string, values?: readonly SqlValue[]) => Promise<void>;
  /** Inserts rows, as fast as the engine can. */
  readonly insertMany: (target: InsertTarget, rows: readonly (readonly SqlValue[])[]) => Promise<void>;
  /** Updates rows in a few round trips; ignores keys without a row. */
  readonly updateMany: (target: UpdateTarget, rows: readonly (readonly SqlValue[])[]) => Promise<void>;
  /**
   * Whether a standby may replace the database server. The standby may lack the last transactions, and then uses their
   * ids and numbers again.
   */
  readonly mayLoseCommits?: boolean;
  /** Deletes rows in a few round trips. */
  readonly deleteMany: (target: DeleteTarget, keys: readonly (readonly SqlValue[])[]) => Promise<void>;
};

export type TransactionQueries = Queries & {
  /**
   * Returns the id of the row with each key, and inserts missing rows. An inserted row must have no effect until
   * another row refers to it. An engine with several writers commits inserted rows immediately, so that other
   * transactions can use the rows. Other transactions cannot remove the rows before the end of this transaction ({@link
   * TransactionQueries.lockUnused}).
   *
   * @param rows values of the key columns, then of the other columns
   */
  readonly ensureMany: (target: KeyedTarget, rows: readonly (readonly SqlValue[])[]) => Promise<number[]>;
  /**
   * Returns the id of the row with each key; undefined for a missing row. No other transaction can remove the found
   * rows before this transaction ends.
   */
  readonly findMany: (
    target: Pick<KeyedTarget, 'table' | 'key'>,
    keys: readonly (readonly SqlValue[])[],
  ) => Promise<(number | undefined)[]>;
  /** Inserts the rows of a `SELECT` statement, whose columns must be the columns of the target; returns their number. */
  readonly insertSelected: (target: InsertTarget, statement: string, values?: readonly SqlValue[]) => Promise<number>;
  /** Reserves ids for new rows. Callers must insert the rows before they reserve more ids. */
  readonly newIds: (table: string, count: number) => Promise<number[]>;
  /**
   * Locks and returns the rows that no other transaction changes or refers to. Until the end of this transaction, no
   * other transaction can change these rows or refer to them, so a search for references stays valid.
   */
  readonly lockUnused: (table: string, ids: readonly number[]) => Promise<number[]>;
  /**
   * Makes new ids start above all stored ids. Must be called after inserting rows with given ids, and before inserting
   * rows that refer to these rows.
   */
  readonly skipIds: (table: string) => Promise<void>;
};

export type InsertTarget = {
  readonly table: string;
  readonly columns: readonly string[];
  /** Skips existing keys instead of failing. */
  readonly skipExisting?: boolean;
  /**
   * Numbers rows in commit order, so that a reader by ascending id never misses a row. Queries in the same transaction
   * might not return these rows before its end.
   */
  readonly inOrderOfCommit?: boolean;
};

/** Each row of values contains the key, then the new values. */
export type UpdateTarget = {
  readonly table: string;
  readonly key: readonly string[];
  readonly columns: readonly string[];
};

/** The rows to delete; several rows may have the same key. */
export type DeleteTarget = { readonly table: string; readonly key: readonly string[] };

export type KeyedTarget = {
  readonly table: string;
  /** The columns of a unique index. */
  readonly key: readonly string[];
  readonly columns: readonly string[];
  /** Rows that are inserted together with a new row; `of` receives the id and the index of the new row. */
  readonly parts?: {
    readonly target: InsertTarget;
    readonly of: (id: number, place: number) => readonly (readonly SqlValue[])[];
  };
};

export type TransactionOptions = {
  /** Waits for the end of other transactions with this name, in any process. */
  readonly alone?: string;
  /**
   * Waits for the end of other transactions that have this name as `alone`; these transactions also wait for this
   * transaction.
   */
  readonly beside?: string;
  /** `work` must not run again, because its input can be read only once. */
  readonly once?: boolean;
  /**
   * Uses a pipelined connection, if the engine waits for a server. Statements are sent before the previous statements are
   * answered, and `write`, `insertMany`, `updateMany` and `deleteMany` do not wait for an answer. The transaction
   * throws their errors at its end. For transactions with few rows, because such a connection cannot use COPY.
   */
  readonly pipelined?: boolean;
};

/** A database that can be read at any time, and written in atomic transactions. */
export type Engine = {
  /** Reads the last committed state, even while a transaction runs. */
  readonly read: Queries;
  /**
   * Runs `work` in a transaction; rolls back and rethrows if `work` fails. An engine with one writer queues
   * transactions. An engine with several writers runs `work` again after a conflict, such as a deadlock, except with
   * `once`.
   */
  readonly transaction: <T>(
    work: (queries: TransactionQueries) => Promise<T>,
    options?: TransactionOptions,
  ) => Promise<T>;
  /**
   * Runs `work`, which only reads, on one connection. `work` may begin a query before the previous query is answered,
   * so that several queries wait for the server together. The queries are not from one snapshot. Absent if queries do
   * not wait for a server.
   */
  readonly together?: <T>(work: (queries: Queries) => Promise<T>) => Promise<T>;
  /** Runs `work`, which only reads, in one snapshot. */
  readonly snapshot: <T>(work: (queries: Queries) => Promise<T>) => Promise<T>;
  /**
   * Verifies that the database responds and accepts writes, without writing to its tables.
   *
   * @throws ClairError `database/unavailable`
   */
  readonly check: () => Promise<void>;
  readonly space: () => Promise<Space>;
  /** The size of a table with its indexes, in bytes; reads the whole table. */
  readonly bytesOf: (table: string) => Promise<number>;
  /** Returns free space to the disk if the engine supports that operation; writers may have to wait. */
  readonly compact: () => Promise<void>;
  /** Returns a number that changes with every commit of any process. */
  readonly version: () => Promise<number>;
  readonly clock: DatabaseClock;
  readonly schema: SchemaChange;
  /** The state of the read replica, in the thread that monitors it. */
  readonly replica?: () => ReplicaStatus;
  readonly close: () => Promise<void>;
};

/**
 * The clock that all users of a database share, in milliseconds since 1970, because the clocks of different machines
 * may differ by minutes and may jump.
 */
export type DatabaseClock = {
  /** Returns an approximate time, without a query. */
  readonly now: () => number;
  /** Returns the exact time, even inside a transaction, to order concurrent requests. */
  readonly ask: (queries: Queries) => Promise<number>;
};

/** The size of a database in bytes; `free` is the space for new rows, if the engine can determine it cheaply. */
export type Space = { readonly total: number; readonly free?: number };
