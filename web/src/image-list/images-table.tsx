import type { VNode } from 'preact';
import type { ImageSummary } from '../api-shapes.ts';
import { ReferenceWord } from '../parts/reference-word.tsx';
import { SeverityBar, SeverityCounts, sumOf } from '../parts/severity-word.tsx';
import { SortHeading } from '../parts/sort-heading.tsx';
import { TableFrame } from '../parts/table-frame.tsx';
import { TimeWord } from '../parts/time-word.tsx';
import { imageAddress } from '../place.ts';
import { countOf, shortDigest } from '../words.ts';
import type { ImageListQuery, ImageSort } from './image-list-query.ts';

/** Shows images with their counts, sortable if there is a query. */
export function ImagesTable({
  images,
  label,
  query,
  change,
}: {
  readonly images: readonly ImageSummary[];
  /** The name of the table for screen readers. */
  readonly label: string;
  readonly query?: ImageListQuery;
  readonly change?: (query: ImageListQuery) => void;
}): VNode {
  const widest = Math.max(1, ...images.map(({ severities }) => sumOf(severities ?? {})));
  // The server sorts each column in one direction.
  const heading = (column: ImageSort, words: string): VNode | string => {
    if (query === undefined) return words;
    const sorting = { column: query.sort, isDescending: query.sort !== 'reference' };
    return <SortHeading {...{ column, words, sorting }} sort={() => change?.({ ...query, sort: column })} />;
  };
  return (
    <TableFrame
      label={label}
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
