import { ClairError } from '../../../../errors.ts';

/** The changes in the log of a SQLite database, up to its last whole transaction. */
export type WriteAheadLog = {
  readonly pageSize: number;
  /** The number of pages of the database after the last whole transaction. */
  readonly pages: number;
  /** The byte offset in the log of each page's latest content, by page number (the first page is 1). */
  readonly offsets: ReadonlyMap<number, number>;
};

/** SQLite checkpoints a log of 4 MiB unless a reader blocks it; log and database must both fit into memory. */
const MAX_LOG_BYTES = 128 * 1024 * 1024;

/** The first number of a log; its last bit selects the byte order of the checksums. */
const MAGIC = 0x377f_0682;

/** The only version of the format so far; SQLite refuses to open a database whose log has another version. */
const VERSION = 3_007_000;

const HEADER = { size: 32, version: 4, pageSize: 8, salts: 16, checksum: 24 } as const;
const FRAME = { size: 24, page: 0, databasePages: 4, salts: 8, checksum: 16, checked: 8 } as const;

const MIN_PAGE_SIZE = 512;
const MAX_PAGE_SIZE = 0x1_0000;

/**
 * Finds the pages in a SQLite write-ahead log. As in SQLite, frames are valid while their salts match the header and
 * the running checksum is correct, up to the last frame that commits a transaction. Later frames belong to an
 * unfinished transaction or to an earlier use of the log. Returns undefined when there is no committed transaction.
 *
 * Rules: sqlite.org/fileformat2.html#walformat; SQLite, src/wal.c, walIndexRecover().
 *
 * @throws ClairError `bytes/corrupt` for a header that is damaged or of another version, which SQLite ignores or
 * refuses; `bytes/limit-exceeded` for more than 128 MiB.
 */
export function parseWriteAheadLog(bytes: Uint8Array): WriteAheadLog | undefined {
  // SQLite ignores a log that is too short for a frame.
  if (bytes.length <= HEADER.size) return undefined;
  if (bytes.length > MAX_LOG_BYTES)
    throw new ClairError('bytes/limit-exceeded', `the log exceeds ${MAX_LOG_BYTES} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { pageSize, isLittleEndian } = parseLogHeader(view);
  const offsets = new Map<number, number>();
  let unfinished: { readonly page: number; readonly offset: number }[] = [];
  let pages = 0;
  let sums = sumsAt(view, HEADER.checksum);
  const step = FRAME.size + pageSize;
  for (let frame = HEADER.size; frame + step <= bytes.length; frame += step) {
    const page = view.getUint32(frame + FRAME.page, false);
    if (page === 0 || !areSaltsCurrent(view, frame)) break;
    const content = frame + FRAME.size;
    sums = checksum(view, { start: frame, end: frame + FRAME.checked }, isLittleEndian, sums);
    sums = checksum(view, { start: content, end: content + pageSize }, isLittleEndian, sums);
    if (!areSame(sums, sumsAt(view, frame + FRAME.checksum))) break;
    unfinished.push({ page, offset: content });
    const databasePages = view.getUint32(frame + FRAME.databasePages, false);
    if (databasePages === 0) continue;
    for (const each of unfinished) offsets.set(each.page, each.offset);
    unfinished = [];
    pages = databasePages;
  }
  return pages === 0 ? undefined : { pageSize, pages, offsets };
}

function parseLogHeader(view: DataView): { readonly pageSize: number; readonly isLittleEndian: boolean } {
  const magic = view.getUint32(0, false);
  const isLittleEndian = magic === MAGIC;
  if (!isLittleEndian && magic !== MAGIC + 1) throw corrupt('the log does not start like an SQLite write-ahead log');
  const pageSize = view.getUint32(HEADER.pageSize, false);
  const isPageSize = pageSize >= MIN_PAGE_SIZE && pageSize <= MAX_PAGE_SIZE && (pageSize & (pageSize - 1)) === 0;
  if (!isPageSize)
    throw corrupt(`the page size of ${pageSize} bytes is not a power of two from ${MIN_PAGE_SIZE} to ${MAX_PAGE_SIZE}`);
  const sums = checksum(view, { start: 0, end: HEADER.checksum }, isLittleEndian, { first: 0, second: 0 });
  if (!areSame(sums, sumsAt(view, HEADER.checksum))) throw corrupt('the checksum of the log header is wrong');
  const version = view.getUint32(HEADER.version, false);
  if (version !== VERSION) throw corrupt(`the log has version ${version} instead of ${VERSION}`);
  return { pageSize, isLittleEndian };
}

/** Frames with other salts precede the last restart of the log and are already in the database. */
function areSaltsCurrent(view: DataView, frame: number): boolean {
  return view.getBigUint64(frame + FRAME.salts, false) === view.getBigUint64(HEADER.salts, false);
}

type Sums = { readonly first: number; readonly second: number };

function sumsAt(view: DataView, offset: number): Sums {
  return { first: view.getUint32(offset, false) | 0, second: view.getUint32(offset + 4, false) | 0 };
}

function areSame(one: Sums, other: Sums): boolean {
  return one.first === other.first && one.second === other.second;
}

/** Continues a checksum over a multiple of 8 bytes (fileformat2.html, "Checksum Algorithm"). */
function checksum(
  view: DataView,
  { start, end }: { readonly start: number; readonly end: number },
  isLittleEndian: boolean,
  { first, second }: Sums,
): Sums {
  let one = first;
  let other = second;
  for (let at = start; at < end; at += 8) {
    one = (one + view.getUint32(at, isLittleEndian) + other) | 0;
    other = (other + view.getUint32(at + 4, isLittleEndian) + one) | 0;
  }
  return { first: one, second: other };
}

function corrupt(what: string): ClairError {
  return new ClairError('bytes/corrupt', what);
}
