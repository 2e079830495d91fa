import { setImmediate } from 'node:timers/promises';

/** The number of rows that are read per statement and turn of the event loop. */
const PAGE_SIZE = 500;

/**
 * Reads all rows of a table, a page at a time.
 *
 * @param readPage returns the first `limit` rows after `last`, which is the last row of the previous page, or undefined
 * for the first page
 */
export async function* rowPages<Row>(
  readPage: (last: Row | undefined, limit: number) => Promise<readonly Row[]>,
  size: number = PAGE_SIZE,
): AsyncGenerator<readonly Row[]> {
  for (let last: Row | undefined; ; ) {
    const page = await readPage(last, size);
    if (page.length > 0) yield page;
    if (page.length < size) return;
    last = page.at(-1);
    await setImmediate();
  }
}

/** Splits a list into parts of at most `size` items. */
export function* partsOf<Item>(items: readonly Item[], size: number): Generator<readonly Item[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}
