import { useRef } from 'preact/hooks';
import type { CountedPage } from '../api-client.ts';
import { filledPage, type ListPage } from './filled-page.ts';
import { type Loaded, useLoaded } from '../loaded.ts';

/** A page of a list, with its position in the list. */
export type NumberedPage<Page extends ListPage> = {
  readonly page: Page;
  /** The number of the page, from 1. The last page replaces a page behind the end of the list. */
  readonly number: number;
  /** The number of entries before the page, and on the page. */
  readonly before: number;
  readonly size: number;
  /** The number of all entries; null if unknown. */
  readonly total: number | null;
};

/** The start of a page: its token, which the first page does not need, and the number of entries before the page. */
type PageStart = { readonly token: string | undefined; readonly before: number };

const FIRST: PageStart = { token: undefined, before: 0 };

/**
 * Loads the page of a list with a number. A page token gives access to the next page only, so the first load requests
 * all pages before the page. A reload does so again, because tokens expire after an hour.
 *
 * @param list the filters and the order, which identify the list
 * @param load requests the page of a token or, without a token, the first page
 * @param sizeOf returns the number of entries of a page
 */
export function useNumberedPage<Page extends ListPage>({
  list,
  number,
  load,
  sizeOf,
}: {
  readonly list: string;
  readonly number: number;
  readonly load: (token: string | undefined, signal: AbortSignal) => Promise<CountedPage<Page>>;
  readonly sizeOf: (page: Page) => number;
}): readonly [Loaded<NumberedPage<Page>>, reload: () => void] {
  const known = useRef<{ list: string; starts: PageStart[] }>({ list, starts: [FIRST] });
  if (known.current.list !== list) known.current = { list, starts: [FIRST] };
  const [loaded, reload] = useLoaded(
    async (signal) =>
      await pageWithNumber(known.current.starts, number, async (token) => await load(token, signal), sizeOf),
    `${list} ${number}`,
    list,
  );
  return [
    loaded,
    () => {
      known.current.starts = [FIRST];
      reload();
    },
  ];
}

/** Returns a page, and adds the starts of the pages up to the next page to `starts`. */
export async function pageWithNumber<Page extends ListPage>(
  starts: PageStart[],
  number: number,
  load: (token: string | undefined) => Promise<CountedPage<Page>>,
  sizeOf: (page: Page) => number,
): Promise<NumberedPage<Page>> {
  for (let at = Math.min(number, starts.length); ; at += 1) {
    const start = starts[at - 1] ?? FIRST;
    const { page, total } = await filledPage(
      async (token) => {
        const counted = await load(token);
        return { ...counted, nextPage: counted.page.nextPage };
      },
      (counted) => sizeOf(counted.page) === 0,
      start.token,
    );
    const size = sizeOf(page);
    const { nextPage } = page;
    // A newer token replaces a known token, which can have expired.
    if (nextPage !== null) starts[at] = { token: nextPage, before: start.before + size };
    if (at >= number || nextPage === null) {
      const end = start.before + size;
      return { page, number: at, before: start.before, size, total: nextPage === null ? end : atLeast(total, end) };
    }
  }
}

/** Returns the total, which is at least the number of the entries so far; null if unknown. */
function atLeast(total: number | null, end: number): number | null {
  return total === null ? null : Math.max(total, end);
}
