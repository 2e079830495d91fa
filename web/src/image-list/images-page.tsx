import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ApiClient } from '../api-client.ts';
import type { ImageList } from '../api-shapes.ts';
import { MAX_LISTED, useLongList } from '../long-list.ts';
import { type KevGap, kevGapOf, PresentKevGap } from '../parts/kev-mark.tsx';
import { FindHint } from '../parts/long-table.tsx';
import { ErrorWords, LoadingView } from '../parts/loading-view.tsx';
import { NoFeedWarning } from '../parts/no-feed-data.tsx';
import { withPage } from '../paging/page-query.ts';
import { imagesAddress } from '../place.ts';
import { countOf, numberInWords } from '../words.ts';
import { ImageFilters } from './image-filters.tsx';
import { EVERY_IMAGE, type ImageListQuery, imageListParameters, isFiltered } from './image-list-query.ts';
import { LongImagesTable } from './images-table.tsx';
import { SubmitForm } from './submit-form.tsx';

/** Shows the indexed images with their severities, and the form to submit an image. */
export function ImagesPage({
  api,
  query,
  submits,
}: {
  readonly api: ApiClient;
  readonly query: ImageListQuery;
  /** Whether the form is initially open. */
  readonly submits: boolean;
}): VNode {
  const list = imagesAddress(query);
  const { loaded, reload, retry, loadThrough } = useLongList({
    list,
    load: async (token, size, signal) =>
      await api.page<ImageList>(
        `images?${withPage({ limit: `${size}`, ...imageListParameters(query) }, token)}`,
        signal,
      ),
    itemsOf: imagesOf,
  });
  const hasNone = !isFiltered(query) && loaded.state === 'ready' && loaded.value.count === 0;
  const [opened, setOpened] = useState<boolean | undefined>(undefined);
  const [kevGap, setKevGap] = useState<KevGap | null>(null);
  const isOpen = opened ?? (submits || hasNone);
  const top = useStartOfList(list);
  return (
    <>
      <div class="page-top" ref={top}>
        <h1>Images</h1>
        <button type="button" aria-expanded={isOpen} aria-controls="submit" onClick={() => setOpened(!isOpen)}>
          Submit an image
        </button>
      </div>
      <SubmitForm id="submit" api={api} isOpen={isOpen} whenDone={reload} />
      {/* The list must send the first request, because only the first request can use the early response. */}
      {loaded.state !== 'loading' && <NoFeedWarning api={api} whenLoaded={(feeds) => setKevGap(kevGapOf(feeds))} />}
      {!hasNone && <ImageFilters {...{ query, kevGap }} change={show} />}
      <LoadingView loaded={loaded} what="the images" reload={reload}>
        {({ items, count, first, hasMore, isCut, error }) => (
          <>
            <p class="list-words" role="status">
              {items.length > 0 &&
                (count > items.length ? `${numberInWords(count)} images. ` : `${countOf(count, 'image')}. `)}
              {!first.isCurrent && (
                <b class="mark incomplete">Some counts are missing or out of date. Filters may miss images.</b>
              )}
              <FindHint count={count}>
                Use the search field above: Ctrl+F finds only the rows that are on the screen.
              </FindHint>
            </p>
            {items.length === 0 ? (
              <p class="empty">
                {emptyWords(query, hasMore)}{' '}
                {!hasNone && !hasMore && <a href={imagesAddress(EVERY_IMAGE)}>Show all images</a>}
                {hasMore && (
                  <button type="button" onClick={() => loadThrough(0)}>
                    Search further
                  </button>
                )}
              </p>
            ) : (
              <PresentKevGap.Provider value={kevGap}>
                <LongImagesTable images={items} {...{ count, query }} change={show} whenShown={loadThrough} />
              </PresentKevGap.Provider>
            )}
            {isCut && (
              <p class="notice">
                The list ends after {numberInWords(MAX_LISTED)} images. Use the filters to find the other images.
              </p>
            )}
            {error !== undefined && (
              <div class="notice incomplete" role="alert">
                <p>
                  <b>Could not load more images.</b> <ErrorWords error={error} />
                </p>
                <button type="button" onClick={retry}>
                  Try again
                </button>{' '}
                <button type="button" onClick={reload}>
                  Go to the start of the list
                </button>
              </div>
            )}
          </>
        )}
      </LoadingView>
    </>
  );
}

function imagesOf({ images }: ImageList): ImageList['images'] {
  return images;
}

/** Scrolls to the top when the filters or the order change. */
function useStartOfList(list: string): { readonly current: HTMLDivElement | null } {
  const top = useRef<HTMLDivElement>(null);
  const shown = useRef(list);
  useEffect(() => {
    if (shown.current === list) return;
    shown.current = list;
    if ((top.current?.getBoundingClientRect().bottom ?? 0) < 0) top.current?.scrollIntoView();
  }, [list]);
  return top;
}

function show(query: ImageListQuery): void {
  window.location.hash = imagesAddress(query);
}

function emptyWords(query: ImageListQuery, leadsOn: boolean): string {
  if (!isFiltered(query)) return 'No images yet. Submit an image above.';
  const { search } = query;
  const by = Object.keys(imageListParameters({ ...query, sort: 'scannedAt' })).length > 1 ? ' and these filters' : '';
  const what = search === '' ? 'these filters' : `“${search}”${by}`;
  return leadsOn ? `No image matches ${what} so far.` : `No image matches ${what}.`;
}
