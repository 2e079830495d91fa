import type Database from 'better-sqlite3';
import type {
  DeleteTarget,
  InsertTarget,
  KeyedTarget,
  Queries,
  SqlValue,
  TransactionQueries,
  UpdateTarget,
} from '../engine.ts';
import { createTurns } from '../../turns.ts';
import { explained } from './errors.ts';

type Statement = Database.Statement<(SqlValue | SqlValue[])[]>;

/** More rows per statement bring no gain. */
const ROWS_PER_STATEMENT = 50;

/** Creates the queries of a connection. The queries throw like {@link explained}; `path` is the file. */
export function queriesOn(connection: Database.Database, path?: string): Queries {
  const prepared = new Map<string, Statement>();
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
      found = connection.prepare<(SqlValue | SqlValue[])[]>(statement);
      prepared.set(statement, found);
    }
    return found;
  };
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
    insertMany: (target, rows) =>
      explained(path, async () => {
        const turns = createTurns();
        let at = 0;
        if (rows.length >= ROWS_PER_STATEMENT) {
          const many = prepare(insertOf(target, ROWS_PER_STATEMENT));
          for (; at + ROWS_PER_STATEMENT <= rows.length; at += ROWS_PER_STATEMENT) {
            // One array, because hundreds of arguments cost more than the binding.
            many.run(rows.slice(at, at + ROWS_PER_STATEMENT).flat());
            if (turns.areDue()) await turns.take();
          }
        }
        if (at === rows.length) return;
        const one = prepare(insertOf(target, 1));
        for (const values of rows.slice(at)) one.run(...values);
      }),
    // There is no round trip to save, and a list of keys would have to be built and parsed.
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

/**
 * Converting arrays to objects takes two thirds of the time of reading many objects. Each object replaces its array, so
 * that memory never contains all rows twice.
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

/** No other transaction writes at the same time, so a missing row stays missing and the next id stays free. */
export function transactionQueries(queries: Queries): TransactionQueries {
  async function ensure(target: KeyedTarget, row: readonly SqlValue[], place: number): Promise<number> {
    const { table, key, columns, parts } = target;
    const found = await queries.get<{ id: number }>(
      `SELECT id FROM ${table} WHERE ${isKey(key)}`,
      row.slice(0, key.length),
    );
    if (found !== undefined) return found.id;
    const insert = insertOf({ table, columns: [...key, ...columns] }, 1);
    const inserted = await queries.get<{ id: number }>(`${insert} RETURNING id`, row);
    if (inserted === undefined) throw new Error('an insert returned no id');
    if (parts !== undefined) await queries.insertMany(parts.target, parts.of(inserted.id, place));
    return inserted.id;
  }

  return {
    ...queries,
    async ensureMany(target, rows) {
      const ids: number[] = [];
      const turns = createTurns();
      for (const [place, row] of rows.entries()) {
        ids.push(await ensure(target, row, place));
        if (turns.areDue()) await turns.take();
      }
      return ids;
    },
    async newIds(table, count) {
      const last = (await queries.get<{ id: number }>(`SELECT COALESCE(MAX(id), 0) AS id FROM ${table}`))?.id ?? 0;
      return Array.from({ length: count }, (_, at) => last + 1 + at);
    },
    lockUnused: async (_, ids) => [...ids],
    skipIds: async () => {},
  };
}

function insertOf({ table, columns, skipExisting = false }: InsertTarget, count: number): string {
  const row = `(${columns.map(() => '?').join(', ')})`;
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
