import type { VNode } from 'preact';
import type { ApiClient } from '../api-client.ts';
import type { ImageList } from '../api-shapes.ts';
import { filledPage } from '../filled-page.ts';
import { useLoaded } from '../loaded.ts';
import { LoadingView } from '../parts/loading-view.tsx';
import { TokenPager, usePageTokens, withPage } from '../parts/token-pager.tsx';
import { imagesAddress } from '../place.ts';
import { ImageFilters } from './image-filters.tsx';
import { type ImageListQuery, imageListParameters, isFiltered } from './image-list-query.ts';
import { ImagesTable } from './images-table.tsx';
import { SubmitForm } from './submit-form.tsx';

const IMAGES_PER_PAGE = '100';

/** Shows the indexed images with their severities, and the form to submit an image. */
export function ImagesPage({ api, query }: { readonly api: ApiClient; readonly query: ImageListQuery }): VNode {
  const list = imagesAddress(query);
  const [tokens, setTokens, toFirst] = usePageTokens(list);
  const asked = { limit: IMAGES_PER_PAGE, ...imageListParameters(query) };
  const [images, reload] = useLoaded(
    async (signal) =>
      await filledPage(
        async (token) => await api.get<ImageList>(`images?${withPage(asked, token)}`, signal),
        (page) => page.images.length === 0,
        tokens.at(-1),
      ),
    withPage(asked, tokens.at(-1)),
    list,
  );
  const hasNone = !isFiltered(query) && images.state === 'ready' && images.value.images.length === 0;
  return (
    <>
      <h1>Images</h1>
      <SubmitForm api={api} isOpen={hasNone} whenDone={reload} />
      <ImageFilters query={query} change={show} />
      <LoadingView loaded={images} what="the images" reload={reload} toFirst={toFirst}>
        {({ images: found, nextPage, isCurrent }) => (
          <>
            {!isCurrent && (
              <p class="mark incomplete" role="status">
                Some counts are missing or out of date. Filters may miss images.
              </p>
            )}
            {found.length === 0 ? (
              <p class="empty">{emptyWords(query, nextPage !== null)}</p>
            ) : (
              <ImagesTable images={found} label="Images" query={query} change={show} />
            )}
            <TokenPager tokens={tokens} nextPage={nextPage} label="Pages of images" turn={setTokens} />
          </>
        )}
      </LoadingView>
    </>
  );
}

function show(query: ImageListQuery): void {
  window.location.hash = imagesAddress(query);
}

function emptyWords(query: ImageListQuery, leadsOn: boolean): string {
  if (!isFiltered(query)) return 'No images yet. Submit one above.';
  const { search } = query;
  const by = Object.keys(imageListParameters({ ...query, sort: 'scannedAt' })).length > 1 ? ' and these filters' : '';
  const what = search === '' ? 'these filters' : `“${search}”${by}`;
  return leadsOn ? `No image matches ${what} so far. Select “Next” to search further.` : `No image matches ${what}.`;
}
