import type { SchemaChange } from '../migrations.ts';

/** A parameter or a result of a statement, the same for every engine. */
export type SqlValue = string | number | Uint8Array | null;

/** Statements with `?` placeholders, as all query groups use them for every engine. */
export type Queries = {
  readonly all: <Row>(statement: string, values?: readonly SqlValue[]) => Promise<Row[]>;
  readonly get: <Row>(statement: string, values?: readonly SqlValue[]) => Promise<Row | undefined>;
  /** Runs a statement without result rows; returns the number of changed rows. */
  readonly run: (statement: string, values?: readonly SqlValue[]) => Promise<number>;
  /** Inserts many rows, as fast as the engine can. */
  readonly insertMany: (target: InsertTarget, rows: readonly (readonly SqlValue[])[]) => Promise<void>;
  /** Updates many rows in a few round trips; ignores keys without a row. */
  readonly updateMany: (target: UpdateTarget, rows: readonly (readonly SqlValue[])[]) => Promise<void>;
  /** Deletes all rows with one of these keys in a few round trips. */
  readonly deleteMany: (target: DeleteTarget, keys: readonly (readonly SqlValue[])[]) => Promise<void>;
};

/** Additional queries of a transaction. */
export type TransactionQueries = Queries & {
  /**
   * Returns the id of the row with each key, and inserts missing rows. The rows must be meaningless on their own: an
   * engine with several writers commits them at once, so that other transactions can use them before this one ends.
   * They stay until the end of this transaction ({@link TransactionQueries.lockUnused}).
   *
   * @param rows values of the key columns, then of the other columns
   */
  readonly ensureMany: (target: KeyedTarget, rows: readonly (readonly SqlValue[])[]) => Promise<number[]>;
  /** Reserves ids for new rows of a table. Insert these rows before reserving more. */
  readonly newIds: (table: string, count: number) => Promise<number[]>;
  /**
   * Locks and returns those rows that no other transaction changes or refers to. Until the end of this transaction no
   * other one can do so, so that a search for references to them stays valid.
   */
  readonly lockUnused: (table: string, ids: readonly number[]) => Promise<number[]>;
  /** Call after inserting rows with given ids: new ids start above them. */
  readonly skipIds: (table: string) => Promise<void>;
};

/** A table and the columns of inserted rows, in order. */
export type InsertTarget = {
  readonly table: string;
  readonly columns: readonly string[];
  /** Skips rows with an existing key instead of failing. */
  readonly skipExisting?: boolean;
  /**
   * Numbers the rows in commit order, so that a reader by ascending id never misses a row that appears later. The rows
   * may appear only at the end of the transaction.
   */
  readonly inOrderOfCommit?: boolean;
};

/** The updated columns; each row of values has the key and then the new values, in column order. */
export type UpdateTarget = {
  readonly table: string;
  readonly key: readonly string[];
  readonly columns: readonly string[];
};

/** The key columns of deleted rows; several rows may have the same key. */
export type DeleteTarget = { readonly table: string; readonly key: readonly string[] };

/** A table with an `id` and a unique key. */
export type KeyedTarget = {
  readonly table: string;
  /** The columns of a unique index. */
  readonly key: readonly string[];
  readonly columns: readonly string[];
  /** Rows that belong to a new row and are inserted with it, by its id and its index among `rows`. */
  readonly parts?: {
    readonly target: InsertTarget;
    readonly of: (id: number, place: number) => readonly (readonly SqlValue[])[];
  };
};

export type TransactionOptions = {
  /** Waits for the end of all other transactions with this name, in any process. */
  readonly alone?: string;
  /** `work` must not run again, because it reads its input only once. */
  readonly once?: boolean;
};

/** A database: reads at any time, and writes in atomic transactions. */
export type Engine = {
  /** Reads the last committed state, also while a transaction runs. */
  readonly read: Queries;
  /**
   * Runs `work` in a transaction; rolls back and rethrows its errors. An engine with one writer runs transactions one
   * after the other. An engine with several writers runs `work` again after a deadlock, except with `once`.
   */
  readonly transaction: <T>(
    work: (queries: TransactionQueries) => Promise<T>,
    options?: TransactionOptions,
  ) => Promise<T>;
  /** Runs `work`, which only reads, in one snapshot. */
  readonly snapshot: <T>(work: (queries: Queries) => Promise<T>) => Promise<T>;
  /**
   * Verifies that the database answers and accepts writes, without writing to its tables.
   *
   * @throws ClairError `database/unavailable`
   */
  readonly check: () => Promise<void>;
  /** Returns the size of the whole database. */
  readonly space: () => Promise<Space>;
  /** Returns the size of a table with its indexes, in bytes; reads the whole table. */
  readonly bytesOf: (table: string) => Promise<number>;
  /** Returns free space to the disk, as far as the engine can; writers may have to wait. */
  readonly compact: () => Promise<void>;
  /** Returns a number that changes with every commit of any process. */
  readonly version: () => Promise<number>;
  readonly clock: DatabaseClock;
  /** How the schema was changed at the opening. */
  readonly schema: SchemaChange;
  readonly close: () => Promise<void>;
};

/**
 * The common clock of all users of a database, in milliseconds since 1970, because the clocks of their machines may
 * differ by minutes, and jump.
 */
export type DatabaseClock = {
  /** Returns the time without a query; nearly exact. */
  readonly now: () => number;
  /** Queries the exact time, also inside a transaction, for decisions between concurrent requests. */
  readonly ask: (queries: Queries) => Promise<number>;
};

/** The size of a database in bytes, and how much of it is free for new rows, if that is cheap to find out. */
export type Space = { readonly total: number; readonly free?: number };
