import type { VNode } from 'preact';
import { useRef } from 'preact/hooks';
import type { ListPage } from './filled-page.ts';
import type { NumberedPage } from './numbered-pages.ts';
import { numberInWords } from '../words.ts';
import { showStart } from './list-start.ts';

/** Shows the pager of a list, with the position of the page. A single page has no pager. */
export function RangePager<Page extends ListPage>({
  of,
  label,
  addressOf,
}: {
  readonly of: NumberedPage<Page>;
  readonly label: string;
  /** Returns the address of the page with a number. */
  readonly addressOf: (number: number) => string;
}): VNode | null {
  const bar = useRef<HTMLElement>(null);
  const { number, page } = of;
  if (number === 1 && page.nextPage === null) return null;
  const turnTo = (next: number): void => {
    window.location.hash = addressOf(next);
    if (bar.current !== null) showStart(bar.current);
  };
  return (
    <nav ref={bar} class="pager" aria-label={label}>
      <button type="button" disabled={number === 1} onClick={() => turnTo(number - 1)}>
        Previous
      </button>
      <span role="status">{rangeWords(of)}</span>
      <button type="button" disabled={page.nextPage === null} onClick={() => turnTo(number + 1)}>
        Next
      </button>
    </nav>
  );
}

/** Returns the position of a page, such as `26–50 of 500`, or `26–50 of more than 50` if the total is unknown. */
export function rangeWords({ before, size, total }: Omit<NumberedPage<ListPage>, 'page' | 'number'>): string {
  const end = before + size;
  const all = total === null ? `more than ${numberInWords(end)}` : numberInWords(total);
  return size === 0 ? `0 of ${all}` : `${numberInWords(before + 1)}–${numberInWords(end)} of ${all}`;
}

/** Returns the number of entries of a list, such as `500 changes`, or `More than 100 changes` if unknown. */
export function totalWords(
  { before, size, total }: Omit<NumberedPage<ListPage>, 'page' | 'number'>,
  noun: string,
): string {
  if (total === null) return `More than ${numberInWords(before + size)} ${noun}s`;
  return `${numberInWords(total)} ${noun}${total === 1 ? '' : 's'}`;
}
