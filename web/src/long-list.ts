import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import type { CountedPage } from './api-client.ts';
import { filledPage, type ListPage } from './paging/filled-page.ts';
import { type Loaded, useLoaded } from './loaded.ts';

/** The loaded part of a list. */
export type LongList<Page extends ListPage, Item> = {
  readonly items: readonly Item[];
  /** The number of rows, which include the rows of entries that are not loaded yet. */
  readonly count: number;
  readonly first: Page;
  /** Whether the list has more entries than {@link MAX_LISTED}. */
  readonly isCut: boolean;
  /** Whether the server has more pages. */
  readonly hasMore: boolean;
  /** The error of the next page, if any. */
  readonly error: unknown;
};

export type LongListOptions<Page extends ListPage, Item> = {
  /** Requests a page of `size` entries: the page of the token or, without a token, the first page. */
  readonly load: (token: string | undefined, size: number, signal: AbortSignal) => Promise<CountedPage<Page>>;
  readonly itemsOf: (page: Page) => readonly Item[];
  /** The filters and the order, which identify the list. */
  readonly list: string;
};

/** The maximum number of entries of a list that the browser holds. */
export const MAX_LISTED = 20_000;

/** The number of entries of a normal page. */
const PAGE = 100;

/** The number of entries of the larger pages that are loaded before the target of a jump. */
const FAR_PAGE = 1000;

/** The number of entries that are loaded before the reader reaches them. */
const AHEAD = 50;

type Rest<Page extends ListPage> = {
  readonly of: CountedPage<Page> | undefined;
  readonly pages: readonly Page[];
  readonly error: unknown;
};

/**
 * Loads a list page by page, as far as the reader scrolls. A page token gives access to the next page only, so a jump
 * loads all pages before its target. The pages before the target are therefore larger. The old list remains until the
 * first page of a new list arrives.
 */
export function useLongList<Page extends ListPage, Item>({
  load,
  itemsOf,
  list,
}: LongListOptions<Page, Item>): {
  readonly loaded: Loaded<LongList<Page, Item>>;
  /** Loads the list from its start. */
  readonly reload: () => void;
  /** Loads the next page again after an error. */
  readonly retry: () => void;
  /** Loads pages until this index and some further entries are loaded. */
  readonly loadThrough: (index: number) => void;
} {
  const isEmpty = ({ page }: CountedPage<Page> & ListPage): boolean => itemsOf(page).length === 0;
  const filled = async (start: string | undefined, size: number, signal: AbortSignal): Promise<CountedPage<Page>> =>
    await filledPage(
      async (token) => {
        const found = await load(token, size, signal);
        return { ...found, nextPage: found.page.nextPage };
      },
      isEmpty,
      start,
    );
  const [first, reload] = useLoaded(async (signal) => await filled(undefined, PAGE, signal), list);
  const start = first.state === 'ready' ? first.value : undefined;
  const [kept, setRest] = useState<Rest<Page>>({ of: undefined, pages: [], error: undefined });
  const rest = kept.of === start ? kept : { of: start, pages: [], error: undefined };
  const [wanted, setWanted] = useState({ list, index: -1 });

  const pages = useMemo(() => (start === undefined ? [] : [start.page, ...rest.pages]), [start, rest.pages.length]);
  const items = useMemo(() => pages.flatMap(itemsOf), [pages]);
  const next = pages.at(-1)?.nextPage ?? null;
  const isCut = next !== null && items.length >= MAX_LISTED;
  const isWanted = wanted.list === list && items.length <= wanted.index;
  const isAsked = isWanted && next !== null && !isCut && rest.error === undefined;
  useEffect(() => {
    if (!isAsked) return undefined;
    const controller = new AbortController();
    const size = wanted.index - items.length < PAGE ? PAGE : FAR_PAGE;
    void filled(next, size, controller.signal).then(
      ({ page }) =>
        !controller.signal.aborted && setRest({ of: start, pages: [...rest.pages, page], error: undefined }),
      (error: unknown) => !controller.signal.aborted && setRest({ ...rest, error }),
    );
    return () => controller.abort();
  }, [isAsked, next, start]);

  const retry = useCallback(() => setRest((last) => ({ ...last, error: undefined })), []);
  const loadThrough = useCallback(
    (index: number) =>
      setWanted((last) => (last.list === list && last.index >= index + AHEAD ? last : { list, index: index + AHEAD })),
    [list],
  );
  if (first.state !== 'ready') return { loaded: first, reload, retry, loadThrough };
  const total = Math.min(MAX_LISTED, first.value.total ?? items.length + 1);
  const value = {
    items,
    count: next === null || isCut ? items.length : Math.max(items.length, total),
    first: first.value.page,
    isCut,
    hasMore: next !== null,
    error: rest.error,
  };
  return { loaded: { ...first, value }, reload, retry, loadThrough };
}
