import type { FileFindings } from '../../detector.ts';

/** What the names of SQLite's write-ahead logs end with. */
export const WAL_SUFFIX = '-wal';

/** The number that a log starts with (sqlite.org/fileformat2.html, "WAL Header"); its last bit tells a byte order. */
const WAL_MAGIC = 0x377f_0682;

const HEADER_SIZE = 32;
const FRAME_HEADER_SIZE = 24;

/** Where the two salts lie, in the header of the log and in that of a frame. */
const SALTS = { header: 16, frame: 8, size: 8 } as const;

/**
 * Looks whether the write-ahead log beside a database holds changes, which are not read: then packages of the database
 * may be others by now. An empty log has none, nor has one whose frames are left of an earlier turn: those have other
 * salts than the log, and are in the database already.
 */
export function readWriteAheadLog(path: string, bytes: Uint8Array): FileFindings {
  if (bytes.length === 0) return { problems: [] };
  if (isLog(bytes)) {
    const frame = bytes.subarray(HEADER_SIZE);
    const isCurrent = frame.length > FRAME_HEADER_SIZE && saltsOf(frame, SALTS.frame) === saltsOf(bytes, SALTS.header);
    if (!isCurrent) return { problems: [] };
  }
  const database = path.slice(0, -WAL_SUFFIX.length);
  const what = isLog(bytes) ? 'holds changes of the package database' : 'is no write-ahead log of SQLite';
  const message = `${path} ${what}: it is not read, and ${database} alone may not be what is installed`;
  return { problems: [{ code: 'package-database-unreadable', message, where: path }] };
}

function isLog(bytes: Uint8Array): boolean {
  if (bytes.length < HEADER_SIZE) return false;
  const magic = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, false);
  return magic === WAL_MAGIC || magic === WAL_MAGIC + 1;
}

function saltsOf(header: Uint8Array, offset: number): string {
  return Buffer.from(header.subarray(offset, offset + SALTS.size)).toString('hex');
}
