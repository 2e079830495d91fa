/**
 * rpm's oldest database format, `Packages`: a BerkeleyDB hash table (BerkeleyDB, `dbinc/db_page.h`) in the byte order
 * of the machine that wrote it. Keys are numbers, and values are headers; large headers are stored in chains of
 * overflow pages.
 */
import { ClairError } from '../../../../errors.ts';
import type { RpmEntry } from './rpm-entry.ts';
import { countOf } from '../../../../model/counted-noun.ts';

const HASH_MAGIC = 0x06_1561;
const BTREE_MAGIC = 0x05_3162;
const MAGIC_OFFSET = 12;
const META_SIZE = 224;

/** The versions of hash tables in BerkeleyDB 4.0 and later, which have the same page layout. */
const VERSIONS: ReadonlySet<number> = new Set([8, 9, 10]);

/** DB_MIN_PGSIZE and DB_MAX_PGSIZE; page sizes are powers of two. */
const PAGE_SIZES = { min: 512, max: 64 * 1024 } as const;

const PAGE_HEADER_SIZE = 26;
const PAGE_TYPES = { invalid: 0, hashUnsorted: 2, overflow: 7, hash: 13 } as const;
const ITEM_TYPES = { inPage: 1, offPage: 3 } as const;
const OFF_PAGE_ITEM_SIZE = 12;
const KEY_SIZE = 4;

/** Returns whether the bytes are a BerkeleyDB hash table, in either byte order. */
export function isBdb(bytes: Uint8Array): boolean {
  return byteOrderOf(bytes) !== undefined;
}

/** Returns whether the bytes are a BerkeleyDB btree, the format of rpm5, in either byte order. */
export function isBtree(bytes: Uint8Array): boolean {
  return byteOrderOf(bytes, BTREE_MAGIC) !== undefined;
}

/**
 * Reads the entries bucket by bucket. Reads no page twice, so that loops end and the work is bounded by the file size.
 *
 * @throws ClairError `bytes/truncated` when pages are missing, `bytes/corrupt` when the table is damaged or has fewer
 * entries than stated.
 */
export function* readBdb(bytes: Uint8Array): Generator<RpmEntry> {
  const table = openTable(bytes);
  let pairs = 0;
  let hasHighest = false;
  for (let bucket = 0; bucket <= table.maxBucket; bucket += 1) {
    for (let page = firstPage(table, bucket); page !== undefined; page = nextPage(page)) {
      for (const { key, value } of pairsOf(page)) {
        pairs += 1;
        const number = numberOf(key);
        // Entry 0 contains the highest number assigned by rpm. A second entry 0 is a package with a damaged number.
        if (number === 0 && hasHighest) throw corrupt('entry 0 exists twice');
        if (number === 0) hasHighest = true;
        else yield { number, header: () => contentOf(value) };
      }
    }
  }
  if (pairs < table.count)
    throw corrupt(
      `the header of the table states ${countOf(table.count, 'entry', 'entries')}, but the table has ${pairs}`,
    );
}

type HashTable = {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly littleEndian: boolean;
  readonly pageSize: number;
  readonly lastPage: number;
  readonly maxBucket: number;
  /** The number of key-value pairs, including entry 0. */
  readonly count: number;
  readonly seen: Set<number>;
};

type Page = {
  readonly table: HashTable;
  readonly number: number;
  readonly start: number;
  readonly type: number;
  /** The next page; 0 on the last page. */
  readonly next: number;
  readonly entries: number;
  /** The number of data bytes in an overflow page (OV_LEN). */
  readonly dataSize: number;
};

/** An item in a page: the position of its type byte, and its size including that byte. */
type Item = { readonly table: HashTable; readonly start: number; readonly size: number };

function byteOrderOf(bytes: Uint8Array, magic: number = HASH_MAGIC): 'little' | 'big' | undefined {
  if (bytes.length < MAGIC_OFFSET + 4) return undefined;
  const view = viewOf(bytes);
  if (view.getUint32(MAGIC_OFFSET, true) === magic) return 'little';
  return view.getUint32(MAGIC_OFFSET, false) === magic ? 'big' : undefined;
}

function openTable(bytes: Uint8Array): HashTable {
  const littleEndian = byteOrderOf(bytes) === 'little';
  if (bytes.length < META_SIZE) throw truncated(`the file has only ${bytes.length} bytes, too few for a page`);
  const view = viewOf(bytes);
  const version = view.getUint32(16, littleEndian);
  const pageSize = view.getUint32(20, littleEndian);
  const lastPage = view.getUint32(32, littleEndian);
  const maxBucket = view.getUint32(72, littleEndian);
  if (!VERSIONS.has(version)) throw corrupt(`the hash table has the unknown version ${version}`);
  if (pageSize < PAGE_SIZES.min || pageSize > PAGE_SIZES.max || (pageSize & (pageSize - 1)) !== 0) {
    throw corrupt(
      `the page size of ${pageSize} bytes is not a power of two from ${PAGE_SIZES.min} to ${PAGE_SIZES.max}`,
    );
  }
  // Encryption and page checksums enlarge the page headers.
  if (view.getUint8(24) !== 0) throw corrupt('the database is encrypted, which Clair does not support');
  if (view.getUint8(26) !== 0) throw corrupt('the database has page checksums, which Clair does not support');
  if (bytes.length < (lastPage + 1) * pageSize) {
    throw truncated(`the file has ${bytes.length} bytes instead of ${lastPage + 1} pages of ${pageSize} bytes`);
  }
  if (maxBucket >= lastPage) throw corrupt(`${maxBucket + 1} buckets do not fit into ${lastPage} pages`);
  const count = view.getUint32(88, littleEndian);
  return { bytes, view, littleEndian, pageSize, lastPage, maxBucket, count, seen: new Set() };
}

/** Buckets are in groups of doubling size; `spares` contains the page offset of each group. */
function firstPage(table: HashTable, bucket: number): Page | undefined {
  const group = 32 - Math.clz32(bucket);
  const page = pageAt(table, bucket + table.view.getUint32(96 + 4 * group, table.littleEndian));
  // An invalid page is an unused bucket; the entry count detects a lost bucket.
  return page.type === PAGE_TYPES.invalid ? undefined : hashPage(page);
}

function nextPage({ table, next }: Page): Page | undefined {
  return next === 0 ? undefined : hashPage(pageAt(table, next));
}

function hashPage(page: Page): Page {
  if (page.type === PAGE_TYPES.hash || page.type === PAGE_TYPES.hashUnsorted) return page;
  throw corrupt(`page ${page.number} has type ${page.type} but should be a page of the hash table`);
}

function pageAt(table: HashTable, number: number): Page {
  const { view, littleEndian, pageSize, lastPage, seen } = table;
  if (number === 0 || number > lastPage) throw corrupt(`page ${number} is not between 1 and ${lastPage}`);
  if (seen.has(number)) throw corrupt(`page ${number} is used twice`);
  seen.add(number);
  const start = number * pageSize;
  return {
    table,
    number,
    start,
    type: view.getUint8(start + 25),
    next: view.getUint32(start + 16, littleEndian),
    entries: view.getUint16(start + 20, littleEndian),
    dataSize: view.getUint16(start + 22, littleEndian),
  };
}

function* pairsOf(page: Page): Generator<{ readonly key: Item; readonly value: Item }> {
  if (page.entries % 2 !== 0) throw corrupt(`page ${page.number} has a key without a value`);
  let end = page.table.pageSize;
  for (let index = 0; index < page.entries; index += 2) {
    const key = itemAt(page, index, end);
    const value = itemAt(page, index + 1, key.start - page.start);
    end = value.start - page.start;
    yield { key, value };
  }
}

/** Items fill a page from its end; each item ends where the previous item starts. */
function itemAt({ table, number, start, entries }: Page, index: number, end: number): Item {
  const lowest = PAGE_HEADER_SIZE + 2 * entries;
  const offset = lowest > end ? 0 : table.view.getUint16(start + PAGE_HEADER_SIZE + 2 * index, table.littleEndian);
  if (offset < lowest || offset >= end) throw corrupt(`item ${index} of page ${number} has an invalid offset`);
  return { table, start: start + offset, size: end - offset };
}

function numberOf({ table, start, size }: Item): number {
  const isKey = table.view.getUint8(start) === ITEM_TYPES.inPage && size === 1 + KEY_SIZE;
  if (!isKey) throw corrupt(`a key is not a ${KEY_SIZE}-byte number`);
  // rpm writes the number and the table in the machine's byte order.
  return table.view.getUint32(start + 1, table.littleEndian);
}

function contentOf({ table, start, size }: Item): Uint8Array {
  const type = table.view.getUint8(start);
  if (type === ITEM_TYPES.inPage) return table.bytes.subarray(start + 1, start + size);
  if (type !== ITEM_TYPES.offPage) throw corrupt(`an item has the unexpected type ${type}`);
  if (size !== OFF_PAGE_ITEM_SIZE) throw corrupt(`an off-page item has ${size} bytes, not ${OFF_PAGE_ITEM_SIZE}`);
  const first = table.view.getUint32(start + 4, table.littleEndian);
  const total = table.view.getUint32(start + 8, table.littleEndian);
  return chainOf(table, first, total);
}

/** Allocates only as much as the pages provide, regardless of `total`. */
function chainOf(table: HashTable, first: number, total: number): Uint8Array {
  const parts: Uint8Array[] = [];
  let length = 0;
  for (let number = first; number !== 0; ) {
    const { type, start, dataSize, next } = pageAt(table, number);
    if (type !== PAGE_TYPES.overflow) throw corrupt(`page ${number} has type ${type} but should be an overflow page`);
    const most = table.pageSize - PAGE_HEADER_SIZE;
    if (dataSize > most) throw corrupt(`page ${number} has ${dataSize} data bytes, but room for only ${most}`);
    parts.push(table.bytes.subarray(start + PAGE_HEADER_SIZE, start + PAGE_HEADER_SIZE + dataSize));
    length += dataSize;
    number = next;
  }
  if (length !== total) throw corrupt(`a chain of pages is ${length} bytes instead of ${total}`);
  return Buffer.concat(parts, length);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function corrupt(what: string): ClairError {
  return new ClairError('bytes/corrupt', what);
}

function truncated(what: string): ClairError {
  return new ClairError('bytes/truncated', what);
}
