import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { ApiClient } from '../api-client.ts';
import type { ImageList, ImageSummary } from '../api-shapes.ts';
import { useLoaded } from '../loaded.ts';
import { LoadingView } from '../parts/loading-view.tsx';
import { SeverityCounts } from '../parts/severity-word.tsx';
import { SortHeading, type Sorting } from '../parts/sort-heading.tsx';
import { type PageTokens, TokenPager, withPage } from '../parts/token-pager.tsx';
import { imageAddress } from '../place.ts';
import { countOf } from '../words.ts';
import { type ImageColumn, sortImages } from './image-order.ts';
import { SubmitForm } from './submit-form.tsx';

const IMAGES_PER_PAGE = '100';

/** The images that are known, with their severities, and the way in for others. */
export function ImagesPage({ api }: { readonly api: ApiClient }): VNode {
  const [search, setSearch] = useState('');
  const [tokens, setTokens] = useState<PageTokens>([]);
  const path = `images?${withPage({ limit: IMAGES_PER_PAGE, ...(search !== '' && { search }) }, tokens)}`;
  const [images, reload] = useLoaded(async (signal) => await api.get<ImageList>(path, signal), path);
  return (
    <>
      <h1>Images</h1>
      <SubmitForm api={api} whenDone={reload} />
      <form
        role="search"
        class="filters"
        onSubmit={(event) => {
          event.preventDefault();
          const asked = new FormData(event.currentTarget).get('search');
          setTokens([]);
          setSearch(typeof asked === 'string' ? asked.trim() : '');
        }}
      >
        <label>
          Search <input name="search" type="search" placeholder="part of the name" />
        </label>
        <button type="submit">Search</button>
      </form>
      <LoadingView loaded={images} what="the images" reload={reload}>
        {(list) => (
          <>
            {list.images.length === 0 ? (
              <p class="empty">
                {search === '' ? 'No image is known yet: submit one above.' : `No image is found by “${search}”.`}
              </p>
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

function ImagesTable({ images }: { readonly images: readonly ImageSummary[] }): VNode {
  const [sorting, setSorting] = useState<Sorting<ImageColumn>>({ column: 'scannedAt', isDescending: true });
  const heading = (column: ImageColumn, words: string, startsDescending = true): VNode => (
    <SortHeading {...{ column, words, sorting, sort: setSorting, startsDescending }} />
  );
  return (
    <div class="wide" role="region" aria-label="Images" tabIndex={0}>
      <table class="images">
        <thead>
          <tr>
            {heading('reference', 'Image', false)}
            {heading('severities', 'Vulnerabilities')}
            {heading('fixable', 'Fixable')}
            {heading('kev', 'Exploited')}
            {heading('packages', 'Packages')}
            {heading('scannedAt', 'Scanned')}
          </tr>
        </thead>
        <tbody>
          {sortImages(images, sorting).map((image) => (
            <ImageRow key={image.digest} image={image} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ImageRow({ image }: { readonly image: ImageSummary }): VNode {
  return (
    <tr>
      <th scope="row">
        <a href={imageAddress(image.digest)}>
          <bdi>{image.reference}</bdi>
        </a>
        <br />
        <small>
          {image.distribution?.prettyName ?? 'no distribution found'} · {image.platform} ·{' '}
          {countOf(image.layers, 'layer')}
        </small>
        {image.isIncomplete ? (
          <p class="mark incomplete">Incomplete: {countOf(image.problems, 'problem')}</p>
        ) : (
          image.problems > 0 && <p class="mark">{countOf(image.problems, 'note')}</p>
        )}
      </th>
      <td>
        <SeverityCounts counts={image.severities} none={image.isIncomplete ? 'none found' : 'none'} />
      </td>
      <td class="number">{image.fixable.toLocaleString('en')}</td>
      <td class="number">{image.kev > 0 ? <b class="kev">{image.kev.toLocaleString('en')}</b> : '0'}</td>
      <td class="number">{image.packages.toLocaleString('en')}</td>
      <td>
        <time dateTime={image.scannedAt}>{image.scannedAt.slice(0, 16).replace('T', ' ')}</time>
      </td>
    </tr>
  );
}
