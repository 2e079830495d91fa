/** The number of stored rows that are read together. */
const PAGE_SIZE = 2000;

/** A cursor over stored rows; `next` returns undefined after the last row. */
export type StoredRows<Row> = { readonly next: () => Promise<Row | undefined> };

/**
 * Reads stored rows in name order.
 *
 * @param readPage returns the first `limit` rows with a name above `after` ('' for the first page)
 */
export function storedRows<Row>(
  readPage: (after: string, limit: number) => Promise<readonly Row[]>,
  nameOf: (row: Row) => string,
): StoredRows<Row> {
  let page: readonly Row[] = [];
  let at = 0;
  let last = '';
  let ended = false;
  return {
    async next() {
      if (at === page.length && !ended) {
        page = await readPage(last, PAGE_SIZE);
        at = 0;
        const end = page.at(-1);
        last = end === undefined ? last : nameOf(end);
        ended = page.length < PAGE_SIZE;
      }
      const row = page[at];
      if (row !== undefined) at += 1;
      return row;
    },
  };
}
