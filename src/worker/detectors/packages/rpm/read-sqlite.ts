/** rpm's newest database format, `rpmdb.sqlite` (rpm, lib/backend/sqlite.c): one table of numbers and headers. */
import Database from 'better-sqlite3';
import { asClairError, ClairError } from '../../../../errors.ts';
import type { RpmEntry } from './rpm-entry.ts';
import { checkSchemaSize } from './sqlite-schema.ts';

const MAGIC = 'SQLite format 3\0';

/** Offsets in the header (sqlite.org/fileformat2.html, "The Database Header"). */
const HEADER = { size: 100, pageSize: 16, writeVersion: 18, readVersion: 19, pages: 28 } as const;

const MIN_PAGE_SIZE = 512;

/** A read or write version of 1 means that the file needs no write-ahead log. */
const LEGACY = 1;

/**
 * The only accepted form of the table. A view or a computed column could make SQLite evaluate expressions from the
 * image.
 */
const TABLE = /^CREATE TABLE ['"]?Packages['"]? ?\(hnum INTEGER PRIMARY KEY AUTOINCREMENT, ?blob BLOB NOT NULL\)$/;

/** Returns whether a file starts like an SQLite database (sqlite.org/fileformat.html section 1.3). */
export function isSqlite(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, MAGIC.length)).toString('latin1') === MAGIC;
}

/**
 * Returns the page size stated in the header, in bytes.
 *
 * @throws ClairError `bytes/truncated` when the header is truncated.
 */
export function pageSizeOf(bytes: Uint8Array): number {
  if (bytes.length < HEADER.size)
    throw new ClairError('bytes/truncated', `the file has only ${bytes.length} bytes, too few for a header`);
  const stored = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint16(HEADER.pageSize, false);
  return stored === 1 ? 0x1_0000 : stored;
}

/**
 * Reads the entries from SQLite's in-memory copy. Reads a database in WAL mode as if it had no log.
 *
 * @throws ClairError `bytes/truncated` when pages are missing, `bytes/corrupt` when the database is damaged or is not
 * an rpm database, `bytes/limit-exceeded` when the database has more than 200 tables, indexes and views.
 */
export function* readSqlite(bytes: Uint8Array): Generator<RpmEntry> {
  checkSize(bytes);
  const database = open(bytes);
  try {
    for (const { hnum, blob } of packageRows(database)) yield { number: hnum, header: () => headerOf(blob) };
  } catch (error) {
    throw unreadable(error);
  } finally {
    database.close();
  }
}

type Row = { readonly hnum: number; readonly blob: unknown };

function checkSize(bytes: Uint8Array): void {
  const pageSize = pageSizeOf(bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = view.getUint32(HEADER.pages, false) * pageSize;
  if (pageSize < MIN_PAGE_SIZE)
    throw new ClairError('bytes/corrupt', `the page size of ${pageSize} bytes is below ${MIN_PAGE_SIZE} bytes`);
  if (size > bytes.length)
    throw new ClairError('bytes/truncated', `the file has only ${bytes.length} of ${size} bytes`);
  checkSchemaSize(bytes, pageSize);
}

/**
 * Opens a database in a buffer. SQLite refuses a buffer in WAL mode, and copies the buffer, so the mode is changed in
 * place and restored.
 */
function open(bytes: Uint8Array): Database.Database {
  const { writeVersion, readVersion } = HEADER;
  const versions = Uint8Array.from(bytes.subarray(writeVersion, readVersion + 1));
  bytes.fill(LEGACY, writeVersion, readVersion + 1);
  try {
    return new Database(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), { readonly: true });
  } catch (error) {
    throw unreadable(error);
  } finally {
    bytes.set(versions, writeVersion);
  }
}

/** Returns the rows of the table `Packages`. Follows the advice of sqlite.org/security.html for untrusted databases. */
function packageRows(database: Database.Database): IterableIterator<Row> {
  database.pragma('trusted_schema = OFF');
  database.pragma('cell_size_check = ON');
  const select = database.prepare<[], { readonly sql: string }>(
    "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = 'Packages'",
  );
  const sql = select.get()?.sql;
  if (sql === undefined) throw new ClairError('bytes/corrupt', 'the database has no table Packages');
  if (!TABLE.test(sql)) throw new ClairError('bytes/corrupt', 'the table Packages does not have the schema of rpm');
  // Without this check a damaged tree may end early and look complete.
  const verdict: unknown = database.pragma('quick_check(Packages)', { simple: true });
  if (verdict !== 'ok') throw new ClairError('bytes/corrupt', `SQLite reports ${String(verdict)}`);
  return database.prepare<[], Row>('SELECT hnum, blob FROM Packages NOT INDEXED ORDER BY hnum').iterate();
}

function headerOf(blob: unknown): Uint8Array {
  if (blob instanceof Uint8Array) return blob;
  throw new ClairError('bytes/corrupt', 'the header is not a blob');
}

function unreadable(error: unknown): ClairError {
  return asClairError(error, 'bytes/corrupt', 'SQLite cannot read the database');
}
