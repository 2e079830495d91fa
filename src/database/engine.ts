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
};

/** Where rows go; their values stand in the order of the columns. */
export type InsertTarget = {
  readonly table: string;
  readonly columns: readonly string[];
  /** Leaves a row out, instead of failing, when one with the same key is there already. */
  readonly skipExisting?: boolean;
};

/** One database, whichever it is: reads at any time, and writes in transactions that are whole or not at all. */
export type Engine = {
  /** Reads the last committed state, also while a transaction is under way. */
  readonly read: Queries;
  /** Runs `work` in one transaction, one after the other; rolls back and rethrows when it fails. */
  readonly transaction: <T>(work: (queries: Queries) => Promise<T>) => Promise<T>;
  /** Runs `work`, which only reads, on the state of one moment, whatever is committed meanwhile. */
  readonly snapshot: <T>(work: (queries: Queries) => Promise<T>) => Promise<T>;
  /** What the database takes, as a whole. */
  readonly space: () => Promise<Space>;
  /** What a table takes with its indexes, in bytes; reads all of it. */
  readonly bytesOf: (table: string) => Promise<number>;
  /** Gives what is free back to the disk, as far as the engine can. Nobody else can write meanwhile. */
  readonly compact: () => Promise<void>;
  /** A number that is another one after whoever has committed anything, in this process or elsewhere. */
  readonly version: () => Promise<number>;
  readonly close: () => Promise<void>;
};

/** What a database takes, in bytes: all of it, and of that what waits for new rows. */
export type Space = { readonly total: number; readonly free: number };
