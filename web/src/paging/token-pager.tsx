import type { VNode } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { showStart } from './list-start.ts';

/** The tokens of the pages up to the current page; empty on the first page. */
export type PageTokens = readonly string[];

/** Keeps the page tokens of a list, and discards them when `list` changes. `toFirst` is null on the first page. */
export function usePageTokens(
  list: string,
): readonly [tokens: PageTokens, turn: (tokens: PageTokens) => void, toFirst: (() => void) | null] {
  const [kept, setKept] = useState<{ readonly list: string; readonly tokens: PageTokens }>({ list, tokens: [] });
  const tokens = kept.list === list ? kept.tokens : [];
  const turn = (next: PageTokens): void => setKept({ list, tokens: next });
  return [tokens, turn, tokens.length === 0 ? null : () => turn([])];
}

/** Returns the query string for the page of a token, or for the first page without a token. */
export function withPage(query: Readonly<Record<string, string>>, token: string | undefined): string {
  return new URLSearchParams({ ...query, ...(token !== undefined && { page: token }) }).toString();
}

/** Shows the pager of a list whose pages only have the token of the next page. A single page has no pager. */
export function TokenPager({
  tokens,
  nextPage,
  label,
  turn,
}: {
  readonly tokens: PageTokens;
  readonly nextPage: string | null;
  readonly label: string;
  readonly turn: (tokens: PageTokens) => void;
}): VNode | null {
  const bar = useRef<HTMLElement>(null);
  if (tokens.length === 0 && nextPage === null) return null;
  const turnTo = (next: PageTokens): void => {
    turn(next);
    if (bar.current !== null) showStart(bar.current);
  };
  return (
    <nav ref={bar} class="pager" aria-label={label}>
      <button type="button" disabled={tokens.length === 0} onClick={() => turnTo(tokens.slice(0, -1))}>
        Previous
      </button>
      <span role="status">Page {(tokens.length + 1).toLocaleString('en')}</span>
      <button
        type="button"
        disabled={nextPage === null}
        onClick={() => {
          // A double click moves only a single page forward.
          if (nextPage !== null && nextPage !== tokens.at(-1)) turnTo([...tokens, nextPage]);
        }}
      >
        Next
      </button>
    </nav>
  );
}
