import type { SchemaChange } from '../migrations.ts';

/** What a statement takes and gives: every engine maps these alike. */
export type SqlValue = string | number | Uint8Array | null;

/** Statements with `?` placeholders, as every group of queries is written, whatever engine runs them. */
export type Queries = {
  readonly all: <Row>(statement: string, values?: readonly SqlValue[]) => Promise<Row[]>;
  readonly get: <Row>(statement: string, values?: readonly SqlValue[]) => Promise<Row | undefined>;
  /** Runs a statement that gives no rows; tells how many rows it changed. */
  readonly run: (statement: string, values?: readonly SqlValue[]) => Promise<number>;
  /** Inserts many rows, as fast as the engine can. */
  readonly insertMany: (target: InsertTarget, rows: readonly (readonly SqlValue[])[]) => Promise<void>;
  /** Gives many rows other values, in a few round trips; a key that no row has is passed over. */
  readonly updateMany: (target: UpdateTarget, rows: readonly (readonly SqlValue[])[]) => Promise<void>;
  /** Deletes all rows that have one of many keys, in a few round trips. */
  readonly deleteMany: (target: DeleteTarget, keys: readonly (readonly SqlValue[])[]) => Promise<void>;
};

/** What a transaction can do besides. */
export type TransactionQueries = Queries & {
  /**
   * Gives the id of the row with each key, and makes the rows that are new. They must say nothing by themselves: an engine
   * with several writers commits them at once, so that nobody waits for the end of a long transaction to use them. Until
   * the end of the transaction they stay ({@link TransactionQueries.lockUnused}).
   *
   * @param rows values in the order of the key and then the other columns
   */
  readonly ensureMany: (target: KeyedTarget, rows: readonly (readonly SqlValue[])[]) => Promise<number[]>;
  /** Ids for new rows of a table. They must be inserted before others are asked for. */
  readonly newIds: (table: string, count: number) => Promise<number[]>;
  /**
   * Gives those of some rows that no other transaction changes or refers to, and keeps all others from doing so until the
   * end of this one: what it looks for from here on, such as rows that refer to them, stays as it is.
   */
  readonly lockUnused: (table: string, ids: readonly number[]) => Promise<number[]>;
  /** To be called when rows were inserted with ids of their own: those that are new come after them. */
  readonly skipIds: (table: string) => Promise<void>;
};

/** Where rows go; their values stand in the order of the columns. */
export type InsertTarget = {
  readonly table: string;
  readonly columns: readonly string[];
  /** Leaves a row out, instead of failing, when one with the same key is there already. */
  readonly skipExisting?: boolean;
  /**
   * Numbers the rows in the order in which transactions are committed, so that whoever reads them by ascending id never
   * misses one that appears later. They may be there only when the transaction ends.
   */
  readonly inOrderOfCommit?: boolean;
};

/** Which rows get which values; a row of values is its key and then the new values, in the order of the columns. */
export type UpdateTarget = {
  readonly table: string;
  readonly key: readonly string[];
  readonly columns: readonly string[];
};

/** The columns that a key of what goes is made of; several rows may have the same. */
export type DeleteTarget = { readonly table: string; readonly key: readonly string[] };

/** A table whose rows have an `id` and are told apart by a key. */
export type KeyedTarget = {
  readonly table: string;
  /** The columns of a unique index. */
  readonly key: readonly string[];
  readonly columns: readonly string[];
  /** What belongs to a new row, and is there as soon as that is: given its id, and its place among the rows. */
  readonly parts?: {
    readonly target: InsertTarget;
    readonly of: (id: number, place: number) => readonly (readonly SqlValue[])[];
  };
};

export type TransactionOptions = {
  /** Waits for all other transactions of that name, of whatever process, to end first. */
  readonly alone?: string;
  /** `work` cannot be run again, since it reads what can be read only once. */
  readonly once?: boolean;
};

/** One database, whichever it is: reads at any time, and writes in transactions that are whole or not at all. */
export type Engine = {
  /** Reads the last committed state, also while a transaction is under way. */
  readonly read: Queries;
  /**
   * Runs `work` in one transaction; rolls back and rethrows when it fails. An engine with one writer runs one after the
   * other. One with several runs `work` again, but for `once`, when two of them wait for each other and it gives one up.
   */
  readonly transaction: <T>(
    work: (queries: TransactionQueries) => Promise<T>,
    options?: TransactionOptions,
  ) => Promise<T>;
  /** Runs `work`, which only reads, on the state of one moment, whatever is committed meanwhile. */
  readonly snapshot: <T>(work: (queries: Queries) => Promise<T>) => Promise<T>;
  /**
   * Tells whether the database answers and can be written to, without writing to its tables.
   *
   * @throws ClairError `database/unavailable`
   */
  readonly check: () => Promise<void>;
  /** What the database takes, as a whole. */
  readonly space: () => Promise<Space>;
  /** What a table takes with its indexes, in bytes; reads all of it. */
  readonly bytesOf: (table: string) => Promise<number>;
  /** Gives what is free back to the disk, as far as the engine can; writers may have to wait. */
  readonly compact: () => Promise<void>;
  /** A number that is another one after whoever has committed anything, in this process or elsewhere. */
  readonly version: () => Promise<number>;
  readonly clock: DatabaseClock;
  /** What was done to the schema when this was opened. */
  readonly schema: SchemaChange;
  readonly close: () => Promise<void>;
};

/**
 * The one clock of all that use a database, in milliseconds since 1970: those of their machines may differ by minutes, and
 * jump.
 */
export type DatabaseClock = {
  /** As near as can be told without asking; never far off. */
  readonly now: () => number;
  /** What it shows at this moment, inside of a transaction too: for what decides between those who ask at once. */
  readonly ask: (queries: Queries) => Promise<number>;
};

/** What a database takes, in bytes: all of it, and of that what waits for new rows, where that can be known at once. */
export type Space = { readonly total: number; readonly free?: number };
