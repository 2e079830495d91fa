import type { VNode } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { showStart } from './list-start.ts';

/** The tokens of the pages that led to the present one of a list of the API; none at the first. */
export type PageTokens = readonly string[];

/**
 * Keeps the tokens of a list, which start anew where `list` names another one; and leads to the first page, with null for who is
 * there.
 */
export function usePageTokens(
  list: string,
): readonly [tokens: PageTokens, turn: (tokens: PageTokens) => void, toFirst: (() => void) | null] {
  const [kept, setKept] = useState<{ readonly list: string; readonly tokens: PageTokens }>({ list, tokens: [] });
  const tokens = kept.list === list ? kept.tokens : [];
  const turn = (next: PageTokens): void => setKept({ list, tokens: next });
  return [tokens, turn, tokens.length === 0 ? null : () => turn([])];
}

/** What is asked of a list, for the page of a token; for the first one without. */
export function withPage(query: Readonly<Record<string, string>>, token: string | undefined): string {
  return new URLSearchParams({ ...query, ...(token !== undefined && { page: token }) }).toString();
}

/** Leads through a list of which the API tells only where the next page starts; nothing where there is but one. */
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
          // Pressed twice, it leads to the next page once.
          if (nextPage !== null && nextPage !== tokens.at(-1)) turnTo([...tokens, nextPage]);
        }}
      >
        Next
      </button>
    </nav>
  );
}
