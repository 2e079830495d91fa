import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { ApiClient } from '../api-client.ts';
import type { ImageList, ImageSummary } from '../api-shapes.ts';
import { filledPage } from '../filled-page.ts';
import { useLoaded } from '../loaded.ts';
import { LoadingView } from '../parts/loading-view.tsx';
import { ReferenceWord } from '../parts/reference-word.tsx';
import { SearchForm } from '../parts/search-form.tsx';
import { SeverityBar, SeverityCounts, sumOf } from '../parts/severity-word.tsx';
import { SortHeading, type Sorting } from '../parts/sort-heading.tsx';
import { TableFrame } from '../parts/table-frame.tsx';
import { TimeWord } from '../parts/time-word.tsx';
import { TokenPager, usePageTokens, withPage } from '../parts/token-pager.tsx';
import { imageAddress, imagesAddress } from '../place.ts';
import { countOf, shortDigest } from '../words.ts';
import { type ImageColumn, sortImages } from './image-order.ts';
import { SubmitForm } from './submit-form.tsx';

const IMAGES_PER_PAGE = '100';

/** The images that are known, with their severities, and the way in for others. */
export function ImagesPage({ api, search }: { readonly api: ApiClient; readonly search: string }): VNode {
  const [tokens, setTokens, toFirst] = usePageTokens(search);
  const query = { limit: IMAGES_PER_PAGE, ...(search !== '' && { search }) };
  const [images, reload] = useLoaded(
    async (signal) =>
      await filledPage(
        async (token) => await api.get<ImageList>(`images?${withPage(query, token)}`, signal),
        (page) => page.images.length === 0,
        tokens.at(-1),
      ),
    withPage(query, tokens.at(-1)),
    search,
  );
  return (
    <>
      <h1>Images</h1>
      <SubmitForm api={api} whenDone={reload} />
      <SearchForm
        label="Search"
        placeholder="part of the name"
        asked={search}
        search={(text) => {
          window.location.hash = imagesAddress(text);
        }}
      />
      <LoadingView loaded={images} what="the images" reload={reload} toFirst={toFirst}>
        {(list) => (
          <>
            {list.images.length === 0 ? (
              <p class="empty">{emptyWords(search, list.nextPage !== null)}</p>
            ) : (
              <ImagesTable images={list.images} />
            )}
            <TokenPager tokens={tokens} nextPage={list.nextPage} label="Pages of images" turn={setTokens} />
          </>
        )}
      </LoadingView>
    </>
  );
}

function emptyWords(search: string, leadsOn: boolean): string {
  if (search === '') return 'No image is known yet: submit one above.';
  return leadsOn
    ? `No image is found by “${search}” so far: look on with “Next”.`
    : `No image is found by “${search}”.`;
}

function ImagesTable({ images }: { readonly images: readonly ImageSummary[] }): VNode {
  const [sorting, setSorting] = useState<Sorting<ImageColumn>>({ column: 'scannedAt', isDescending: true });
  const widest = Math.max(1, ...images.map(({ severities }) => sumOf(severities)));
  const heading = (column: ImageColumn, words: string, startsDescending = true): VNode => (
    <SortHeading {...{ column, words, sorting, sort: setSorting, startsDescending }} />
  );
  return (
    <TableFrame
      label="Images"
      columns={[
        heading('reference', 'Image', false),
        heading('severities', 'Vulnerabilities'),
        heading('fixable', 'Fixable'),
        heading('kev', 'Exploited'),
        heading('packages', 'Packages'),
        heading('scannedAt', 'Scanned'),
      ]}
    >
      {sortImages(images, sorting).map((image) => (
        <ImageRow key={image.digest} image={image} widest={widest} />
      ))}
    </TableFrame>
  );
}

function ImageRow({ image, widest }: { readonly image: ImageSummary; readonly widest: number }): VNode {
  return (
    <tr>
      <th scope="row">
        <a href={imageAddress(image.digest)}>
          <ReferenceWord reference={image.reference} />
        </a>
        <small>
          {image.distribution?.prettyName ?? 'no distribution found'} · {image.platform} ·{' '}
          {countOf(image.layers, 'layer')} · <code>{shortDigest(image.digest)}</code>
        </small>
        {image.isIncomplete ? (
          <p class="mark incomplete">Incomplete: {countOf(image.problems, 'problem')}</p>
        ) : (
          image.problems > 0 && <p class="mark">{countOf(image.problems, 'note')}</p>
        )}
      </th>
      <td>
        <SeverityBar counts={image.severities} widest={widest} />
        <SeverityCounts counts={image.severities} none={image.isIncomplete ? 'none found' : 'none'} />
        {image.suppressed > 0 && <small>{countOf(image.suppressed, 'finding')} suppressed</small>}
      </td>
      <td class="number" data-label="Fixable">
        {image.fixable.toLocaleString('en')}
      </td>
      <td class="number" data-label="Exploited">
        {image.kev > 0 ? <b class="kev">{image.kev.toLocaleString('en')}</b> : '0'}
      </td>
      <td class="number" data-label="Packages">
        {image.packages.toLocaleString('en')}
      </td>
      <td data-label="Scanned">
        <TimeWord at={image.scannedAt} />
      </td>
    </tr>
  );
}
