import type { VNode } from 'preact';
import { useContext } from 'preact/hooks';
import type { ImageSummary } from '../api-shapes.ts';
import { AgoWord } from '../parts/ago-word.tsx';
import { LongTable, type RowAttributes } from '../parts/long-table.tsx';
import { PresentKevGap } from '../parts/kev-mark.tsx';
import { ReferenceWord } from '../parts/reference-word.tsx';
import { SeverityBar, SeverityLegend, ShortSeverityCounts, sumOf } from '../parts/severity-word.tsx';
import { SortHeading } from '../parts/sort-heading.tsx';
import { TableFrame } from '../parts/table-frame.tsx';
import { imageAddress } from '../place.ts';
import { countOf, numberInWords, shortDigest } from '../words.ts';
import type { ImageListQuery, ImageSort } from './image-list-query.ts';

const COLUMNS = ['Image', 'Vulnerabilities', 'Fixable', 'Exploited', 'Packages', 'Scanned'] as const;

/** The CSS class with the widths of the columns. */
const KIND = 'images';

/** Shows a few images with their counts. */
export function ImagesTable({
  images,
  label,
}: {
  readonly images: readonly ImageSummary[];
  /** The name of the table for screen readers. */
  readonly label: string;
}): VNode {
  return (
    <>
      <SeverityLegend />
      <TableFrame label={label} kind={KIND} columns={COLUMNS}>
        {images.map((image) => (
          <ImageRow key={image.digest} image={image} />
        ))}
      </TableFrame>
    </>
  );
}

/** Shows any number of images, which can be sorted. The row of an image that is not loaded yet shows "Loading …". */
export function LongImagesTable({
  images,
  count,
  query,
  change,
  whenShown,
}: {
  readonly images: readonly ImageSummary[];
  readonly count: number;
  readonly query: ImageListQuery;
  readonly change: (query: ImageListQuery) => void;
  readonly whenShown: (last: number) => void;
}): VNode {
  const sorts: Partial<Readonly<Record<(typeof COLUMNS)[number], ImageSort>>> = {
    Image: 'reference',
    Vulnerabilities: 'severity',
    Scanned: 'scannedAt',
  };
  // The server sorts each column in a single direction only.
  const sorting = { column: query.sort, isDescending: query.sort !== 'reference' };
  return (
    <>
      <SeverityLegend />
      <LongTable
        label="Images"
        kind={KIND}
        columns={COLUMNS.map((words) => {
          const column = sorts[words];
          if (column === undefined) return words;
          return <SortHeading {...{ column, words, sorting }} sort={() => change({ ...query, sort: column })} />;
        })}
        count={count}
        whenShown={whenShown}
        identityOf={(index) => images[index]}
        rowOf={(index, row) => {
          const image = images[index];
          if (image === undefined) return <LoadingRow key={`index ${index}`} row={row} />;
          // The key includes the index, because an image can be on two pages if its counts change between the requests.
          return <ImageRow key={`${index} ${image.digest}`} {...{ image, row }} />;
        }}
      />
    </>
  );
}

function LoadingRow({ row }: { readonly row: RowAttributes }): VNode {
  return (
    <tr {...row}>
      <td colSpan={COLUMNS.length} class="faint unloaded">
        Loading …
      </td>
    </tr>
  );
}

/** Shows a mark for missing, out-of-date or incomplete counts, otherwise the number of diagnostics, if any. */
function CountMark({ image }: { readonly image: ImageSummary }): VNode | null {
  const { countState, isCurrent, isIncomplete, diagnostics } = image;
  if (countState === 'waiting') return <b class="mark incomplete">Counting…</b>;
  const outOfDate = isCurrent ? '' : 'Out of date. ';
  if (countState === 'failed') return <b class="mark incomplete">{outOfDate}Too large to count. Open the image.</b>;
  if (isIncomplete) {
    return (
      <b class="mark incomplete">
        {outOfDate}Incomplete: {countOf(diagnostics ?? 0, 'diagnostic')}
      </b>
    );
  }
  if (!isCurrent) return <b class="mark incomplete">Out of date</b>;
  return diagnostics === null || diagnostics === 0 ? null : (
    <span class="mark">{countOf(diagnostics, 'diagnostic')}</span>
  );
}

/** Shows a count, or a dash if there is no count. */
function Count({ of }: { readonly of: number | null }): VNode {
  return of === null ? <span title="not counted">–</span> : <>{numberInWords(of)}</>;
}

/** Shows the number of exploited findings, or a dash if no KEV data is loaded and the number is 0 or unknown. */
function ExploitedCount({ kev }: { readonly kev: number | null }): VNode {
  // Uses a context instead of a prop, because the long table reuses the nodes of unchanged rows, and a changed prop
  // would not update these rows.
  const gap = useContext(PresentKevGap);
  if ((kev ?? 0) > 0) return <b class="kev">{numberInWords(kev ?? 0)}</b>;
  return gap === 'missing' ? <span title="KEV feed not loaded">–</span> : <Count of={kev} />;
}

function ImageRow({ image, row }: { readonly image: ImageSummary; readonly row?: RowAttributes }): VNode {
  const distribution = image.distribution?.prettyName ?? 'no distribution detected';
  return (
    <tr {...row}>
      <th scope="row">
        <a href={imageAddress(image.digest)}>
          <ReferenceWord reference={image.reference} />
        </a>
        <small>
          <CountMark image={image} />
          {` ${distribution}\u00a0· ${image.platform}\u00a0· ${countOf(image.layers, 'layer').replace(' ', '\u00a0')}\u00a0· `}
          <code>{shortDigest(image.digest)}</code>
        </small>
      </th>
      <td>
        {image.severities === null ? (
          <Count of={null} />
        ) : (
          <div class="bar-line">
            <SeverityBar counts={image.severities} widest={sumOf(image.severities)} />
            <ShortSeverityCounts
              counts={image.severities}
              none={image.isIncomplete || !image.isCurrent ? 'none found' : 'none'}
            />
          </div>
        )}
        {(image.suppressed ?? 0) > 0 && <small>{countOf(image.suppressed ?? 0, 'finding')} suppressed</small>}
      </td>
      <td class="number" data-label="Fixable">
        <Count of={image.fixable} />
      </td>
      <td class="number" data-label="Exploited">
        <ExploitedCount kev={image.kev} />
      </td>
      <td class="number" data-label="Packages">
        <Count of={image.packages} />
      </td>
      <td data-label="Scanned">
        <AgoWord at={image.scannedAt} />
      </td>
    </tr>
  );
}
