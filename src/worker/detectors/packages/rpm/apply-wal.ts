import { ClairError } from '../../../../errors.ts';
import type { WriteAheadLog } from './parse-wal.ts';
import { isSqlite, pageSizeOf } from './read-sqlite.ts';
import { countOf } from '../../../../model/counted-noun.ts';

/** The limit is low because SQLite keeps a second copy of the database in memory. */
const MAX_DATABASE_BYTES = 256 * 1024 * 1024;

const FIRST_PAGE = 1;

/**
 * Returns the database as SQLite reads it with a write-ahead log: log pages replace file pages, and the last
 * transaction determines the number of pages. If the log contains the first page, the file's first page is ignored.
 *
 * @param bytes the log from which `log` was parsed
 * @throws ClairError `bytes/corrupt` when the log does not belong to the database, `bytes/truncated` when a page is
 * missing in both the log and the database, `bytes/limit-exceeded` for a database of more than 256 MiB.
 */
export function applyWriteAheadLog(database: Uint8Array, bytes: Uint8Array, log: WriteAheadLog): Uint8Array {
  const { pageSize, pages, offsets } = log;
  checkPageSize(database, log);
  const size = pages * pageSize;
  if (size > MAX_DATABASE_BYTES) {
    throw new ClairError('bytes/limit-exceeded', `the database is larger than ${MAX_DATABASE_BYTES} bytes`);
  }
  const inFile = Math.min(pages, Math.ceil(database.length / pageSize));
  let known = inFile;
  for (const page of offsets.keys()) if (page > inFile && page <= pages) known += 1;
  if (known < pages) {
    throw new ClairError(
      'bytes/truncated',
      `${pages - known} of ${countOf(pages, 'page')} are in neither the file nor the log`,
    );
  }
  const whole = Buffer.alloc(size);
  whole.set(database.subarray(0, size));
  for (const [page, offset] of offsets) {
    if (page <= pages) whole.set(bytes.subarray(offset, offset + pageSize), (page - 1) * pageSize);
  }
  return whole;
}

function checkPageSize(database: Uint8Array, { pageSize, offsets }: WriteAheadLog): void {
  if (!isSqlite(database)) {
    if (offsets.has(FIRST_PAGE)) return;
    throw new ClairError('bytes/corrupt', 'the file beside the log is not an SQLite database');
  }
  const found = pageSizeOf(database);
  if (found === pageSize) return;
  throw new ClairError('bytes/corrupt', `the page size is ${found} in the database but ${pageSize} in the log`);
}
