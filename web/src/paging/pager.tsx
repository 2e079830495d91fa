import type { VNode } from 'preact';
import { useRef } from 'preact/hooks';
import { showStart } from './list-start.ts';

/** Shows the pager of a long list, whose pages are counted from 0. A single page has no pager. */
export function Pager({
  page,
  pages,
  label,
  turn,
}: {
  readonly page: number;
  readonly pages: number;
  readonly label: string;
  readonly turn: (page: number) => void;
}): VNode | null {
  const bar = useRef<HTMLElement>(null);
  if (pages <= 1) return null;
  const turnTo = (next: number): void => {
    turn(next);
    if (bar.current !== null) showStart(bar.current);
  };
  return (
    <nav ref={bar} class="pager" aria-label={label}>
      <button type="button" disabled={page === 0} onClick={() => turnTo(0)}>
        First
      </button>
      <button type="button" disabled={page === 0} onClick={() => turnTo(page - 1)}>
        Previous
      </button>
      <span role="status">
        Page {(page + 1).toLocaleString('en')} of {pages.toLocaleString('en')}
      </span>
      <button type="button" disabled={page === pages - 1} onClick={() => turnTo(page + 1)}>
        Next
      </button>
      <button type="button" disabled={page === pages - 1} onClick={() => turnTo(pages - 1)}>
        Last
      </button>
    </nav>
  );
}
