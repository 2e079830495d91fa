import { ClairError } from '../../../../errors.ts';

/** rpm creates 50 tables and indexes. */
const MAX_SCHEMA_ENTRIES = 200;

/** The types of table pages (sqlite.org/fileformat2.html, "B-tree Pages"). */
const PAGE_TYPES = { interior: 5, leaf: 13 } as const;
const INTERIOR_HEADER_SIZE = 12;

/** In the first page the file header precedes the page header. */
const FILE_HEADER_SIZE = 100;

/**
 * Counts the tables, indexes and views of a SQLite database before the database is opened, because SQLite reads all of
 * them first, in time quadratic in their number.
 *
 * @throws ClairError `bytes/limit-exceeded` when there are more than 200 tables, indexes and views; `bytes/corrupt`
 * when the schema pages are damaged.
 */
export function checkSchemaSize(bytes: Uint8Array, pageSize: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const pending = [1];
  let entries = 0;
  let pages = 0;
  for (let number = pending.pop(); number !== undefined; number = pending.pop()) {
    pages += 1;
    const page = pageAt(view, number, pageSize);
    if (page.type === PAGE_TYPES.leaf) entries += page.cells;
    else pending.push(...childrenOf(view, page));
    // Every page of a valid schema has an entry, so the limit also bounds the number of pages, and thus any loop.
    if (Math.max(entries, pages, pending.length) > MAX_SCHEMA_ENTRIES) {
      throw new ClairError(
        'bytes/limit-exceeded',
        `the schema of the database has more than ${MAX_SCHEMA_ENTRIES} entries`,
      );
    }
  }
}

type Page = { readonly start: number; readonly end: number; readonly header: number } & {
  readonly type: number;
  readonly cells: number;
};

function pageAt(view: DataView, number: number, pageSize: number): Page {
  const start = (number - 1) * pageSize;
  const end = start + pageSize;
  if (number === 0 || end > view.byteLength) throw corrupt(`page ${number} of the schema is missing`);
  const header = start + (number === 1 ? FILE_HEADER_SIZE : 0);
  const type = view.getUint8(header);
  const cells = view.getUint16(header + 3, false);
  const isInterior = type === PAGE_TYPES.interior && header + INTERIOR_HEADER_SIZE + 2 * cells <= end;
  if (type !== PAGE_TYPES.leaf && !isInterior) throw corrupt(`page ${number} of the schema is damaged`);
  return { start, end, header, type, cells };
}

/** A cell starts with the number of its left child page; the header contains the last child. */
function childrenOf(view: DataView, { start, end, header, cells }: Page): readonly number[] {
  const children = [view.getUint32(header + 8, false)];
  for (let cell = 0; cell < Math.min(cells, MAX_SCHEMA_ENTRIES); cell += 1) {
    const offset = start + view.getUint16(header + INTERIOR_HEADER_SIZE + 2 * cell, false);
    if (offset + 4 > end) throw corrupt('a cell of the schema is outside its page');
    children.push(view.getUint32(offset, false));
  }
  return children;
}

function corrupt(what: string): ClairError {
  return new ClairError('bytes/corrupt', what);
}
