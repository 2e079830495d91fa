import { createHash } from 'node:crypto';
import { ClairError } from '../errors.ts';
import type { Engine, Queries, SqlValue, TransactionQueries } from './engines/engine.ts';
import { storableText } from './engines/postgres/values.ts';
import { rowPages } from './queries/row-pages.ts';
import { TABLES, type Table } from './queries/tables.ts';
import { countOf, numberWords } from '../model/counted-noun.ts';

export type DatabaseCopyOptions = {
  readonly from: Engine;
  /** The target database, with the schema of this release and no rows. */
  readonly to: Engine;
  readonly copied?: (table: CopiedTable) => void;
  readonly signal?: AbortSignal;
};

export type CopiedTable = {
  readonly table: string;
  readonly rows: number;
  /** The sum of the SHA-256 digests of all rows, modulo 2^256, in hexadecimal. */
  readonly digest: string;
};

/** The number of rows per page. */
const ROWS_PER_PAGE = 1000;

/** The number of rows per page for tables with long texts. */
const WIDE_ROWS_PER_PAGE = 50;

/**
 * Copies all rows, with their ids, from one snapshot to an empty database in one transaction. Reads everything back and
 * compares digests before the commit.
 *
 * @throws ClairError `copy/not-empty`, `copy/mismatch`, `database/…`; the abort reason of the signal.
 */
export async function copyDatabase({ from, to, copied, signal }: DatabaseCopyOptions): Promise<void> {
  await from.snapshot(async (source) => {
    await to.transaction(
      async (target) => {
        for (const table of TABLES) await refuseRows(target, table);
        for (const table of TABLES) {
          const copy = await copyTable(source, target, table, signal);
          copied?.(copy);
        }
      },
      // `copied` has reported tables, so the transaction must not run again.
      { alone: 'copy', once: true },
    );
  });
}

async function copyTable(
  source: Queries,
  target: TransactionQueries,
  table: Table,
  signal: AbortSignal | undefined,
): Promise<CopiedTable> {
  const read = await digestOf(source, table, signal, async (rows) => {
    await target.insertMany({ table: table.name, columns: table.columns }, rows);
  });
  const written = await digestOf(target, table, signal);
  if (read.digest !== written.digest || read.rows !== written.rows) {
    const counts =
      read.rows === written.rows
        ? `both have ${countOf(read.rows, 'row')}, but with different contents`
        : `read ${countOf(read.rows, 'row')}, wrote ${numberWords(written.rows)}`;
    throw new ClairError('copy/mismatch', `the copy of the table ${table.name} differs from its source: ${counts}`);
  }
  if (table.columns.includes('id')) await target.skipIds(table.name);
  return read;
}

async function refuseRows(target: Queries, { name }: Table): Promise<void> {
  if ((await target.get(`SELECT 1 AS present FROM ${name} LIMIT 1`)) === undefined) return;
  throw new ClairError('copy/not-empty', `the table ${name} of the target database already has rows`);
}

async function digestOf(
  queries: Queries,
  table: Table,
  signal: AbortSignal | undefined,
  use?: (rows: readonly (readonly SqlValue[])[]) => Promise<void>,
): Promise<CopiedTable> {
  const { name, key, columns, isWide = false } = table;
  const [first, next] = [pageOf(table, false), pageOf(table, true)];
  const digest = createTableDigest();
  const readPage = async (last: Row | undefined, limit: number): Promise<readonly Row[]> =>
    last === undefined
      ? await queries.all<Row>(first, [limit])
      : await queries.all<Row>(next, [...key.map((column) => last[column] ?? null), limit]);
  for await (const page of rowPages<Row>(readPage, isWide ? WIDE_ROWS_PER_PAGE : ROWS_PER_PAGE)) {
    signal?.throwIfAborted();
    const rows = page.map((row) => columns.map((column) => row[column] ?? null));
    for (const row of rows) digest.add(row);
    await use?.(rows);
  }
  return { table: name, rows: digest.rows(), digest: digest.hex() };
}

type Row = Readonly<Record<string, SqlValue>>;

function pageOf({ name, key, columns }: Table, isNext: boolean): string {
  const from = isNext ? `WHERE (${key.join(', ')}) > (${key.map(() => '?').join(', ')})` : '';
  return `SELECT ${columns.join(', ')} FROM ${name} ${from} ORDER BY ${key.join(', ')} LIMIT ?`;
}

type TableDigest = {
  readonly add: (row: readonly SqlValue[]) => void;
  readonly rows: () => number;
  readonly hex: () => string;
};

/** Adds the digests of the rows instead of hashing the rows in order, because engines sort texts differently. */
function createTableDigest(): TableDigest {
  let rows = 0;
  let sum = 0n;
  return {
    add(row) {
      const hash = createHash('sha256');
      for (const value of row) addValue(hash, value);
      sum = BigInt.asUintN(256, sum + BigInt(`0x${hash.digest('hex')}`));
      rows += 1;
    },
    rows: () => rows,
    hex: () => sum.toString(16).padStart(64, '0'),
  };
}

/**
 * Hashes the type and the length too, so that different rows never have the same input. The exception is U+0000, which
 * has the same input as its replacement in PostgreSQL.
 */
function addValue(hash: ReturnType<typeof createHash>, value: SqlValue): void {
  if (value === null) hash.update('null;');
  else if (typeof value === 'number') hash.update(`number ${value};`);
  else if (typeof value === 'string') addText(hash, storableText(value));
  else hash.update(`bytes ${value.length};`).update(value);
}

function addText(hash: ReturnType<typeof createHash>, text: string): void {
  hash.update(`text ${Buffer.byteLength(text)};`).update(text);
}
