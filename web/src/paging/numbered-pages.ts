import { useRef } from 'preact/hooks';
import type { CountedPage } from '../api-client.ts';
import { filledPage, type ListPage } from './filled-page.ts';
import { type Loaded, useLoaded } from '../loaded.ts';

/** A page of a list, with its position in the list. */
export type NumberedPage<Page extends ListPage> = {
  readonly page: Page;
  /** The number of the page, from 1. Instead of a page beyond the end of the list, the last page is loaded. */
  readonly number: number;
  /** The number of entries before the page, and on the page. */
  readonly before: number;
  readonly size: number;
  /** The number of all entries; null if unknown. */
  readonly total: number | null;
};

/** The maximum number of entries that most lists of the API return. */
export const MAX_PAGE_SIZE = 100;

/** A list of the API with pages. */
export type PagedList<Page extends ListPage> = {
  /** Requests `limit` entries: the page of a token or, without a token, the first page. */
  readonly load: (token: string | undefined, limit: number) => Promise<CountedPage<Page>>;
  /** Returns the number of entries of a page. */
  readonly sizeOf: (page: Page) => number;
  /** The number of entries of a page of the web UI. */
  readonly pageSize: number;
  /** The number of entries of the larger API pages that are passed on the way to a page far from the start. */
  readonly passedSize: number;
};

/** The start of a page: its token, which the first page does not need, and the number of entries before the page. */
type PageStart = { readonly token: string | undefined; readonly before: number };

/** The known starts of pages by the page number minus 1. */
export type PageStarts = (PageStart | undefined)[];

const FIRST: PageStart = { token: undefined, before: 0 };

/**
 * Loads the page of a list with a number. A page token gives access to the next page only, so the first load passes all
 * pages before the page. A reload does so again, because tokens expire after an hour.
 *
 * @param list the filters and the order, which identify the list
 */
export function useNumberedPage<Page extends ListPage>({
  list,
  number,
  load,
  ...of
}: Omit<PagedList<Page>, 'load'> & {
  readonly list: string;
  readonly number: number;
  /** As in {@link PagedList}. */
  readonly load: (token: string | undefined, limit: number, signal: AbortSignal) => Promise<CountedPage<Page>>;
}): readonly [Loaded<NumberedPage<Page>>, reload: () => void] {
  const known = useRef<{ list: string; starts: PageStarts }>({ list, starts: [] });
  if (known.current.list !== list) known.current = { list, starts: [] };
  const [loaded, reload] = useLoaded(
    async (signal) =>
      await pageWithNumber(known.current.starts, number, {
        ...of,
        load: async (token, limit) => await load(token, limit, signal),
      }),
    `${list} ${number}`,
    list,
  );
  return [
    loaded,
    () => {
      known.current.starts = [];
      reload();
    },
  ];
}

/** Returns a page, and adds the starts of the pages that are found on the way to `starts`. */
export async function pageWithNumber<Page extends ListPage>(
  starts: PageStarts,
  number: number,
  list: PagedList<Page>,
): Promise<NumberedPage<Page>> {
  const { load, sizeOf, pageSize, passedSize } = list;
  /** The number of the page from which larger pages are requested. */
  let passedFrom = 1;
  for (let at = lastKnown(starts, number); ; ) {
    const start = starts[at - 1] ?? FIRST;
    const passed = Math.min(number - at, Math.floor(passedSize / pageSize));
    if (passed > 1 && at >= passedFrom) {
      const { page } = await load(start.token, passed * pageSize);
      if (page.nextPage !== null && sizeOf(page) === passed * pageSize) {
        at += passed;
        starts[at - 1] = { token: page.nextPage, before: start.before + passed * pageSize };
        continue;
      }
      // The list ends here, or its pages are short. In both cases, only a request for each page finds the starts.
      passedFrom = at + passed;
    }
    const { page, total } = await filledPage(
      async (token) => {
        const counted = await load(token, pageSize);
        return { ...counted, nextPage: counted.page.nextPage };
      },
      (counted) => sizeOf(counted.page) === 0,
      start.token,
    );
    const size = sizeOf(page);
    const end = start.before + size;
    const { nextPage } = page;
    // A newer token replaces a known token, which can have expired.
    if (nextPage !== null) starts[at] = { token: nextPage, before: end };
    if (at >= number || nextPage === null) {
      return { page, number: at, before: start.before, size, total: nextPage === null ? end : atLeast(total, end) };
    }
    at += 1;
  }
}

/** Returns the number of the last page up to `number` whose start is known. */
function lastKnown(starts: PageStarts, number: number): number {
  const index = starts.slice(0, number).findLastIndex((start) => start !== undefined);
  return Math.max(index + 1, 1);
}

/** Returns the total, which is at least the number of the entries so far; null if unknown. */
function atLeast(total: number | null, end: number): number | null {
  return total === null ? null : Math.max(total, end);
}
