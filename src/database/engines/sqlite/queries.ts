import type Database from 'better-sqlite3';
import { LRUCache } from 'lru-cache';
import type { DeleteTarget, InsertTarget, Queries, SqlValue, TransactionQueries, UpdateTarget } from '../engine.ts';
import { createTurns } from '../../../threads/turns.ts';
import { explained } from './errors.ts';

type Parameters = SqlValue | readonly SqlValue[] | Readonly<Record<string, SqlValue>>;
type Statement = Database.Statement<Parameters[]>;

/** The number of rows per statement; more rows do not make the statement faster. */
const ROWS_PER_STATEMENT = 50;

/** The number of remembered statements for several rows. Each takes up to 80 KB. */
const MAX_STATEMENTS_FOR_MANY = 32;

/** The prepared statements of a connection. */
export type Statements = {
  readonly prepare: (statement: string) => Statement;
  /** As `prepare`, for a statement for several rows; remembers only the last of these statements. */
  readonly prepareMany: (statement: string) => Statement;
  readonly columnsOf: (statement: Statement) => readonly string[];
};

/** Returns the statements of a connection, each prepared once. */
export function statementsOn(connection: Database.Database): Statements {
  const prepared = new Map<string, Statement>();
  const preparedForMany = new LRUCache<string, Statement>({ max: MAX_STATEMENTS_FOR_MANY });
  const columns = new Map<Statement, readonly string[]>();
  const columnsOf = (statement: Statement): readonly string[] => {
    let names = columns.get(statement);
    if (names === undefined) {
      names = statement.columns().map(({ name }) => name);
      columns.set(statement, names);
    }
    return names;
  };
  const prepare = (statement: string): Statement => {
    let found = prepared.get(statement);
    if (found === undefined) {
      found = connection.prepare<Parameters[]>(statement);
      prepared.set(statement, found);
    }
    return found;
  };
  const prepareMany = (statement: string): Statement => {
    const found = preparedForMany.get(statement) ?? connection.prepare<Parameters[]>(statement);
    preparedForMany.set(statement, found);
    return found;
  };
  return { prepare, prepareMany, columnsOf };
}

/**
 * Creates the queries of a connection. The queries throw the errors of {@link explained}. `path` is the file; undefined
 * for the in-memory database.
 */
export function queriesOn({ prepare, prepareMany, columnsOf }: Statements, path?: string): Queries {
  return {
    all: <Row>(statement: string, values: readonly SqlValue[] = []) =>
      explained(path, async () => {
        const found = prepare(statement);
        return allRows<Row>(found, columnsOf(found), values);
      }),
    get: <Row>(statement: string, values: readonly SqlValue[] = []) =>
      explained(
        path,
        async () =>
          prepare(statement)
            .raw(false)
            .get(...values) as Row | undefined,
      ),
    run: (statement, values = []) => explained(path, async () => prepare(statement).run(...values).changes),
    write: (statement, values = []) => explained(path, async () => void prepare(statement).run(...values)),
    insertMany: (target, rows) =>
      explained(path, async () => {
        const turns = createTurns();
        let at = 0;
        if (rows.length >= ROWS_PER_STATEMENT) {
          const { common, bound } = columnsIn(target, rows);
          const many = prepareMany(insertOf(target, ROWS_PER_STATEMENT, new Set(bound)));
          const values: SqlValue[] = [];
          for (; at + ROWS_PER_STATEMENT <= rows.length; at += ROWS_PER_STATEMENT) {
            joinRows(rows, at, bound, values);
            // Pass one array, because hundreds of arguments take longer than the binding.
            many.run(values, common);
            if (turns.areDue()) await turns.take();
          }
        }
        if (at === rows.length) return;
        const one = prepare(insertOf(target));
        for (const values of rows.slice(at)) one.run(...values);
      }),
    // Run one statement per key: a statement for all keys would save no round trip, and its list of keys would have to
    // be built and parsed.
    updateMany: (target, rows) =>
      explained(path, async () => {
        const update = prepare(updateOf(target));
        const { length } = target.key;
        const turns = createTurns();
        for (const values of rows) {
          update.run(...values.slice(length), ...values.slice(0, length));
          if (turns.areDue()) await turns.take();
        }
      }),
    deleteMany: (target, keys) =>
      explained(path, async () => {
        const remove = prepare(deleteOf(target));
        const turns = createTurns();
        for (const key of keys) {
          remove.run(...key);
          if (turns.areDue()) await turns.take();
        }
      }),
  };
}

type ColumnsOfRows = {
  /** The values of columns with the same value in all rows, by the names of their parameters in {@link insertOf}. */
  readonly common: Readonly<Record<string, SqlValue>>;
  /** The indices of the other columns. */
  readonly bound: readonly number[];
};

/**
 * Finds the columns with the same value in all rows, so that a statement binds their value only once. Most columns of
 * `affected` are such columns in most feeds, and binding a value takes almost as long as storing the value.
 */
function columnsIn({ columns }: InsertTarget, rows: readonly (readonly SqlValue[])[]): ColumnsOfRows {
  const common: Record<string, SqlValue> = {};
  const bound: number[] = [];
  for (const column of columns.keys()) {
    const first = rows[0]?.[column];
    if (first !== undefined && isCommon(rows, column, first)) common[`p${column}`] = first;
    else bound.push(column);
  }
  return { common, bound };
}

function isCommon(rows: readonly (readonly SqlValue[])[], column: number, value: SqlValue): boolean {
  for (const row of rows) if (row[column] !== value) return false;
  return true;
}

/**
 * Replaces `values` by the values of the next {@link ROWS_PER_STATEMENT} rows from `start` on. All statements of a call
 * use one array, and `flat()` takes as long as SQLite needs for a third of the rows.
 *
 * @param bound the indices of the columns that differ between rows
 */
function joinRows(
  rows: readonly (readonly SqlValue[])[],
  start: number,
  bound: readonly number[],
  values: SqlValue[],
): void {
  let end = 0;
  for (let at = start; at < start + ROWS_PER_STATEMENT; at += 1) {
    const row = rows[at] ?? [];
    for (const column of bound) values[end++] = row[column] ?? null;
  }
}

/**
 * Converts arrays to objects, because better-sqlite3 takes three times as long if it creates the objects. Each object
 * replaces its array, so that memory never contains all rows twice.
 */
function allRows<Row>(statement: Statement, names: readonly string[], values: readonly SqlValue[]): Row[] {
  const rows: unknown[] = statement.raw(true).all(...values);
  for (const [index, row] of rows.entries()) {
    const list = row as readonly SqlValue[];
    const found: Record<string, SqlValue | undefined> = {};
    for (const [at, name] of names.entries()) found[name] = list[at];
    rows[index] = found;
  }
  return rows as Row[];
}

/**
 * Returns the queries of a transaction. No other transaction writes in the meantime, so a missing row stays missing and
 * the next id stays free.
 */
export function transactionQueries(statements: Statements, path?: string): TransactionQueries {
  const queries = queriesOn(statements, path);
  const idsOf = (statement: string): ((values: readonly SqlValue[]) => number | undefined) => {
    const prepared = statements.prepare(statement).raw(true);
    return (values) => (prepared.get(...values) as readonly [number] | undefined)?.[0];
  };

  return {
    ...queries,
    // Creates no promise per row, because a promise takes as long as the lookup of the row.
    ensureMany: ({ table, key, columns, parts }, rows) =>
      explained(path, async () => {
        const find = idsOf(`SELECT id FROM ${table} WHERE ${isKey(key)}`);
        const target = { table, columns: [...key, ...columns], skipExisting: true };
        const insert = statements.prepare(insertOf(target));
        // Reading the id of the connection takes half as long as RETURNING.
        const idOfNew = (row: readonly SqlValue[]): number | undefined => {
          const { changes, lastInsertRowid } = insert.run(...row);
          return changes === 0 ? undefined : Number(lastInsertRowid);
        };
        const ids: number[] = [];
        const turns = createTurns();
        // The rows after a new row are mostly new too, so try to insert them first.
        let isNew = false;
        while (ids.length < rows.length) {
          const place = ids.length;
          if (turns.areDue()) await turns.take();
          if (isNew && parts === undefined && place + ROWS_PER_STATEMENT <= rows.length) {
            const inserted = insertNew(statements, target, rows, place);
            for (const id of inserted) ids.push(id);
            isNew = inserted.length > 0;
            continue;
          }
          const row = rows[place] ?? [];
          const found: number | undefined = isNew ? undefined : find(row.slice(0, key.length));
          const made: number | undefined = found === undefined ? idOfNew(row) : undefined;
          const id = found ?? made ?? find(row.slice(0, key.length));
          if (id === undefined) throw new Error('an insert returned no id');
          isNew = made !== undefined;
          if (isNew && parts !== undefined) await queries.insertMany(parts.target, parts.of(id, place));
          ids.push(id);
        }
        return ids;
      }),
    findMany: ({ table, key }, keys) =>
      explained(path, async () => {
        const find = idsOf(`SELECT id FROM ${table} WHERE ${isKey(key)}`);
        const ids: (number | undefined)[] = [];
        const turns = createTurns();
        for (const each of keys) {
          ids.push(find(each));
          if (turns.areDue()) await turns.take();
        }
        return ids;
      }),
    insertSelected: ({ table, columns }, statement, values) =>
      queries.run(`INSERT INTO ${table} (${columns.join(', ')}) ${statement}`, values),
    async newIds(table, count) {
      const last = (await queries.get<{ id: number }>(`SELECT COALESCE(MAX(id), 0) AS id FROM ${table}`))?.id ?? 0;
      return Array.from({ length: count }, (_, at) => last + 1 + at);
    },
    lockUnused: async (_, ids) => [...ids],
    skipIds: async () => {},
  };
}

/**
 * Inserts the next {@link ROWS_PER_STATEMENT} rows from `start` on with one statement, and returns their ids. If some of
 * the rows exist, inserts only the other rows and returns no ids.
 */
function insertNew(
  statements: Statements,
  target: InsertTarget,
  rows: readonly (readonly SqlValue[])[],
  start: number,
): readonly number[] {
  const values: SqlValue[] = [];
  joinRows(rows, start, [...target.columns.keys()], values);
  const many = statements.prepareMany(insertOf(target, ROWS_PER_STATEMENT));
  const { changes, lastInsertRowid } = many.run(values);
  if (changes < ROWS_PER_STATEMENT) return [];
  // SQLite gives each new row the id after the highest id (sqlite.org/autoinc.html).
  const first = Number(lastInsertRowid) - ROWS_PER_STATEMENT + 1;
  return Array.from({ length: ROWS_PER_STATEMENT }, (_, at) => first + at);
}

/** @param bound the columns with a parameter for each row, by default all; the other columns have one named parameter */
function insertOf(
  { table, columns, skipExisting = false }: InsertTarget,
  count = 1,
  bound?: ReadonlySet<number>,
): string {
  const row = `(${columns.map((_, column) => (bound?.has(column) === false ? `@p${column}` : '?')).join(', ')})`;
  const values = Array.from({ length: count }, () => row).join(', ');
  return `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${values}${skipExisting ? ' ON CONFLICT DO NOTHING' : ''}`;
}

function updateOf({ table, key, columns }: UpdateTarget): string {
  return `UPDATE ${table} SET ${columns.map((column) => `${column} = ?`).join(', ')} WHERE ${isKey(key)}`;
}

function deleteOf({ table, key }: DeleteTarget): string {
  return `DELETE FROM ${table} WHERE ${isKey(key)}`;
}

function isKey(key: readonly string[]): string {
  return key.map((column) => `${column} = ?`).join(' AND ');
}
