import type { VNode } from 'preact';
import type { ApiClient } from '../api-client.ts';
import type { ImageList, ImageSummary } from '../api-shapes.ts';
import { filledPage } from '../filled-page.ts';
import { useLoaded } from '../loaded.ts';
import { LoadingView } from '../parts/loading-view.tsx';
import { ReferenceWord } from '../parts/reference-word.tsx';
import { SeverityBar, SeverityCounts, sumOf } from '../parts/severity-word.tsx';
import { SortHeading } from '../parts/sort-heading.tsx';
import { TableFrame } from '../parts/table-frame.tsx';
import { TimeWord } from '../parts/time-word.tsx';
import { TokenPager, usePageTokens, withPage } from '../parts/token-pager.tsx';
import { imageAddress, imagesAddress } from '../place.ts';
import { countOf, shortDigest } from '../words.ts';
import { ImageFilters } from './image-filters.tsx';
import { type ImageListQuery, imageListParameters, type ImageSort, isFiltered } from './image-list-query.ts';
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
              <ImagesTable images={found} query={query} change={show} />
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

function ImagesTable({
  images,
  query,
  change,
}: {
  readonly images: readonly ImageSummary[];
  readonly query: ImageListQuery;
  readonly change: (query: ImageListQuery) => void;
}): VNode {
  const widest = Math.max(1, ...images.map(({ severities }) => sumOf(severities ?? {})));
  // The server sorts each column in one direction.
  const sorting = { column: query.sort, isDescending: query.sort !== 'reference' };
  const heading = (column: ImageSort, words: string): VNode => (
    <SortHeading {...{ column, words, sorting }} sort={() => change({ ...query, sort: column })} />
  );
  return (
    <TableFrame
      label="Images"
      columns={[
        heading('reference', 'Image'),
        heading('severity', 'Vulnerabilities'),
        'Fixable',
        'Exploited',
        'Packages',
        heading('scannedAt', 'Scanned'),
      ]}
    >
      {images.map((image) => (
        <ImageRow key={image.digest} image={image} widest={widest} />
      ))}
    </TableFrame>
  );
}

/** Marks missing, out-of-date and incomplete counts. */
function CountMark({ image }: { readonly image: ImageSummary }): VNode | null {
  const { countState, isCurrent, isIncomplete, diagnostics } = image;
  if (countState === 'waiting') return <p class="mark incomplete">Counting…</p>;
  const outOfDate = isCurrent ? '' : 'Out of date. ';
  if (countState === 'failed') return <p class="mark incomplete">{outOfDate}Too large to count: open the image</p>;
  if (isIncomplete) {
    return (
      <p class="mark incomplete">
        {outOfDate}Incomplete: {countOf(diagnostics ?? 0, 'diagnostic')}
      </p>
    );
  }
  if (!isCurrent) return <p class="mark incomplete">Out of date</p>;
  return diagnostics === null || diagnostics === 0 ? null : <p class="mark">{countOf(diagnostics, 'diagnostic')}</p>;
}

/** Shows a count, or a dash without a count. */
function Count({ of }: { readonly of: number | null }): VNode {
  return of === null ? <span title="not counted">–</span> : <>{of.toLocaleString('en')}</>;
}

function ImageRow({ image, widest }: { readonly image: ImageSummary; readonly widest: number }): VNode {
  return (
    <tr>
      <th scope="row">
        <a href={imageAddress(image.digest)}>
          <ReferenceWord reference={image.reference} />
        </a>
        <small>
          {image.distribution?.prettyName ?? 'no distribution detected'} · {image.platform} ·{' '}
          {countOf(image.layers, 'layer')} · <code>{shortDigest(image.digest)}</code>
        </small>
        <CountMark image={image} />
      </th>
      <td>
        {image.severities === null ? (
          <Count of={null} />
        ) : (
          <>
            <SeverityBar counts={image.severities} widest={widest} />
            <SeverityCounts
              counts={image.severities}
              none={image.isIncomplete || !image.isCurrent ? 'none found' : 'none'}
            />
          </>
        )}
        {(image.suppressed ?? 0) > 0 && <small>{countOf(image.suppressed ?? 0, 'finding')} suppressed</small>}
      </td>
      <td class="number" data-label="Fixable">
        <Count of={image.fixable} />
      </td>
      <td class="number" data-label="Exploited">
        {(image.kev ?? 0) > 0 ? <b class="kev">{image.kev?.toLocaleString('en')}</b> : <Count of={image.kev} />}
      </td>
      <td class="number" data-label="Packages">
        <Count of={image.packages} />
      </td>
      <td data-label="Scanned">
        <TimeWord at={image.scannedAt} />
      </td>
    </tr>
  );
}
