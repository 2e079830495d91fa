import type { VNode } from 'preact';
import { useRef } from 'preact/hooks';
import type { ListPage } from './filled-page.ts';
import type { NumberedPage } from './numbered-pages.ts';
import { countOf, numberInWords } from '../words.ts';
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

/** Returns a function that goes to the first page of a list; null on the first page. */
export function toFirstPage(number: number, addressOf: (number: number) => string): (() => void) | null {
  if (number === 1) return null;
  return () => {
    window.location.hash = addressOf(1);
  };
}

/**
 * Returns the position of a page, such as `26–50 of 500`. If the total is unknown, the next page can be empty, so the
 * position is `26–50 of at least 50`, and `50 so far` for an empty page.
 */
export function rangeWords({ before, size, total }: Omit<NumberedPage<ListPage>, 'page' | 'number'>): string {
  const end = numberInWords(before + size);
  if (size === 0) return total === null ? `${end} so far` : `0 of ${numberInWords(total)}`;
  const all = total === null ? `at least ${end}` : numberInWords(total);
  return `${numberInWords(before + 1)}–${end} of ${all}`;
}

/** Returns the number of entries of a list, such as `500 changes`, or `At least 100 changes` if unknown. */
export function totalWords(
  { before, size, total }: Omit<NumberedPage<ListPage>, 'page' | 'number'>,
  noun: string,
  plural = `${noun}s`,
): string {
  return total === null ? `At least ${countOf(before + size, noun, plural)}` : countOf(total, noun, plural);
}
